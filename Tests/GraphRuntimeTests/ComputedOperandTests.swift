import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Weights, biases and scales that a graph computes from constants on the way, which no pass folds.
struct ComputedOperandTests {
  private static let image = Tensor(shape: [1, 1, 1, 3], [1, 2, -4])

  private func run(
    _ kernels: Kernels, _ precision: Precision,
    _ build: (inout GraphBuilder, Graph.Value) -> Graph.Value
  ) throws -> [Float] {
    var builder = GraphBuilder()
    builder.endpoint("result", build(&builder, builder.input("image", channels: 1)))
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["image": [1, 1, 1, 3]], precision: precision,
      threads: Threads(2), kernels: kernels)
    return try #require(try session.run(["image": Self.image])["result"]?.floats())
  }

  @Test(arguments: Precision.allCases)
  func bias(_ precision: Precision) throws {
    for kernels in Kernels.available {
      let found = try run(kernels, precision) { builder, image in
        let weight = builder.constant(Tensor(shape: [2, 1, 1, 1], [1, -1]), label: "weight")
        let parts = [10, 20].map { (part: Float) in
          builder.constant(Tensor(shape: [1], [part]), label: "\(part)")
        }
        let bias = builder.concatenation(parts, axis: 0, label: "bias")
        return builder.convolution(image, weight: weight, bias: bias, label: "convolution")
      }
      #expect(found == [11, 12, 6, 19, 18, 24], "\(kernels.name)")
    }
  }

  @Test(arguments: Precision.allCases)
  func weight(_ precision: Precision) throws {
    for kernels in Kernels.available {
      let found = try run(kernels, precision) { builder, image in
        let raw = builder.constant(Tensor(shape: [2, 1, 1, 1], [3, -3]), label: "raw")
        let weight = builder.unary(.relu, raw, label: "weight")
        return builder.convolution(image, weight: weight, label: "convolution")
      }
      #expect(found == [3, 6, -12, 0, 0, 0], "\(kernels.name)")
    }
  }

  /// A scale that is packed beforehand is known by then.
  @Test(arguments: ["convolution", "mean", "pool", "norm"], Precision.allCases)
  func scale(_ op: String, _ precision: Precision) throws {
    for kernels in Kernels.available {
      let found = try run(kernels, precision) { builder, image in
        let one = builder.constant(Tensor(shape: [1, 1, 1, 1], [1]), label: "one")
        let blocked = builder.convolution(image, weight: one, label: "same")
        let raw = builder.constant(Tensor(shape: [1], [3]), label: "raw")
        let scale = builder.unary(.relu, raw, label: "scale")
        let affine = builder.add(
          .channelAffine(ChannelAffine(activation: .relu)), blocked, scale, raw, label: "norm")
        switch op {
        case "convolution": return builder.convolution(affine, weight: one, label: op)
        case "mean": return builder.spatialMean(affine, label: op)
        case "pool":
          return builder.pooling(
            .maximum, affine, window: Size2D(height: 1, width: 2), .init(), label: op)
        default: return affine
        }
      }
      #expect(found == ["mean": [5], "pool": [9, 9]][op] ?? [6, 9, 0], "\(kernels.name)")
    }
  }
}
