import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Memory is used again without being cleared: nothing that an earlier image left may show.
struct LeftoverTests {
  /// Channels that fill no block: an odd dense block with a transition.
  private static func graph() throws -> Graph {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 3)
    var map = builder.convolution(
      image, weight: builder.parameter("stem", [10, 3, 3, 3]),
      WindowGeometry(stride: 2, padding: 1), label: "stem")
    for layer in 0..<4 {
      let channels = 10 + layer * 7
      let relu = builder.unary(.relu, map, label: "relu\(layer)")
      let new = builder.convolution(
        relu, weight: builder.parameter("dense\(layer)", [7, channels, 3, 3]),
        WindowGeometry(padding: 1), label: "dense\(layer)")
      map = builder.concatenation([map, new], label: "map\(layer)")
    }
    map = builder.convolution(
      map, weight: builder.parameter("transition", [19, 38, 1, 1]), label: "transition")
    builder.endpoint("map", map)
    let pooled = builder.pooling(
      .average, map, window: 2, WindowGeometry(stride: 2), label: "pool")
    builder.endpoint("features", builder.spatialMean(pooled, label: "mean"))
    return try builder.build()
  }

  @Test(arguments: Precision.allCases, [1, 2])
  func ofABadImage(_ precision: Precision, _ threads: Int) throws {
    let graph = try Self.graph()
    var weights = [String: Tensor]()
    for parameter in graph.parameters {
      weights[parameter.name] = Tensor(
        shape: parameter.shape,
        CounterFill.symmetric(parameter.name, count: parameter.shape.elementCount, bound: 0.5))
    }
    let shape: Shape = [1, 3, 21, 18]
    for kernels in Kernels.available {
      let session = try Session(
        graph, weights: weights, inputShapes: ["image": shape], precision: precision,
        threads: Threads(threads), kernels: kernels)
      let count = shape.elementCount
      let good = Tensor(shape: shape, CounterFill.symmetric("image", count: count, bound: 2))
      let bad = Tensor(shape: shape, [Float](repeating: .nan, count: count))
      let before = try session.run(["image": good]).mapValues { $0.floats() ?? [] }
      let poisoned = try session.run(["image": bad])
      #expect(poisoned["features"]?.floats()?.allSatisfy(\.isNaN) == true, "\(kernels.name)")
      let after = try session.run(["image": good]).mapValues { $0.floats() ?? [] }
      #expect(before == after, "\(kernels.name)")
      #expect(after.values.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(kernels.name)")
    }
  }
}
