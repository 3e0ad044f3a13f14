import GraphIR
import Testing

/// Where a resized image's pixels come from, by the definitions of PyTorch's `interpolate`.
struct ResizeTests {
  private let image: Size2D = Size2D(height: 5, width: 8)

  private func steps(
    _ filter: Resize.Filter, _ target: Resize.Target, _ result: Size2D
  ) throws -> [Float] {
    var builder = GraphBuilder()
    let value = builder.resize(
      builder.input("image", channels: 1), filter, to: target, label: "resize")
    builder.endpoint("result", value)
    let graph = try builder.build()
    let shapes = try graph.shapes(inputs: ["image": [2, 1, image.height, image.width]])
    #expect(shapes[value.index] == [2, 1, result.height, result.width])
    guard case .resize(let resize) = graph[value].op else { return [] }
    let (rows, columns) = resize.steps(image: image, result: result)
    return [rows, columns]
  }

  @Test(arguments: [Resize.Filter.nearest, .bilinear(alignsCorners: false)])
  func aSizeGivesAQuotient(filter: Resize.Filter) throws {
    let size = Size2D(height: 10, width: 6)
    #expect(try steps(filter, .size(size), size) == [0.5, 8 / 6])
  }

  @Test(arguments: [Resize.Filter.nearest, .bilinear(alignsCorners: false)])
  func aScaleIsTakenAsItIs(filter: Resize.Filter) throws {
    // 5 * 1.7 = 8.5 rows become 8, yet the step is 1 / 1.7 and not 5 / 8.
    let found = try steps(
      filter, .scale(height: 1.7, width: 0.25), Size2D(height: 8, width: 2))
    #expect(found == [Float(1 / 1.7), 4])
  }

  @Test func alignedCornersGiveAQuotientOfDistances() throws {
    let filter = Resize.Filter.bilinear(alignsCorners: true)
    let size = Size2D(height: 9, width: 15)
    #expect(try steps(filter, .size(size), size) == [0.5, 0.5])
    let found = try steps(
      filter, .scale(height: 0.2, width: 1.9), Size2D(height: 1, width: 15))
    #expect(found == [0, 0.5])
  }
}
