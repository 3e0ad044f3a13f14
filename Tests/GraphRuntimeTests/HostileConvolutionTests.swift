import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Convolutions with windows, steps and paddings that no network has, but a file may ask for.
struct HostileConvolutionTests {
  /// A window that reaches a thousand pixels beyond a tiny image, by sums over the pixels of the
  /// image instead of the taps.
  @Test(arguments: [false, true])
  func windowFarLargerThanTheImage(_ inBlocks: Bool) throws {
    let (side, extent, padding) = (1000, 4, 499)
    let image = integers("tiny", [1, 1, extent, extent])
    let weight = integers("window", [1, 1, side, side])
    let (pixels, taps) = (try #require(image.floats()), try #require(weight.floats()))
    let out = extent + 2 * padding - side + 1
    var expected = [Float]()
    for y in 0..<out {
      for x in 0..<out {
        var sum: Float = 0
        for row in 0..<extent {
          for column in 0..<extent {
            let (ky, kx) = (row + padding - y, column + padding - x)
            guard (0..<side).contains(ky), (0..<side).contains(kx) else { continue }
            sum += pixels[row * extent + column] * taps[ky * side + kx]
          }
        }
        expected.append(sum)
      }
    }
    for kernels in Kernels.available {
      let geometry = WindowGeometry(
        padding: Size2D(height: padding, width: padding))
      let found = try runConvolution(image, weight, geometry, inBlocks: inBlocks, kernels)
      #expect(found.path == "matrix")
      #expect(found.result == expected, "\(kernels.name)")
    }
  }

  @Test func windowWithoutPaddingIsRefused() throws {
    let error = #expect(throws: RuntimeError.self) {
      _ = try runConvolution(
        integers("tiny", [1, 1, 4, 4]), integers("window", [1, 1, 1000, 1000]), .init(),
        .forThisMachine())
    }
    #expect(
      error?.description == "convolution (convolution): a 1000×1000 window does not fit into a 4×4 "
        + "map: the image is too small for this model")
  }

  /// Layers that fit no memory are refused when their turn comes, before anything is computed.
  @Test func tooLargeForMemory() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let side = 46_340
    let large = builder.resize(
      image, .nearest, to: .size(Size2D(height: side, width: side)), label: "large")
    // Each a legal value; in blocks it is 137 gigabytes, and all are kept to the end: more than
    // processes have addresses for.
    for layer in 0..<1100 {
      let weight = builder.constant(Tensor(shape: [1, 1, 1, 1], [1]), label: "weight\(layer)")
      builder.endpoint(
        "\(layer)", builder.convolution(large, weight: weight, label: "conv\(layer)"))
    }
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["image": [1, 1, 1, 1]], threads: Threads(2),
      kernels: .forThisMachine())
    for batch in [1, 5] {
      #expect(throws: RuntimeError.tooLarge) {
        let images = [Float](repeating: 1, count: batch)
        _ = try session.run(["image": Tensor(shape: [batch, 1, 1, 1], images)])
      }
    }
  }
}
