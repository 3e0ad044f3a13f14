import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Concatenations of images in blocks of channels: in place where an operand begins with a block.
struct BlockConcatenationTests {
  /// Runs branches of a 1-channel image, each a 1x1 convolution by a factor a channel and a function
  /// of it, and their concatenation; tells which layers copied.
  private func run(
    _ branches: [(factors: [Float], function: Unary.Function)], precision: Precision,
    kernels: Kernels,
    _ more: (inout GraphBuilder, [Graph.Value], Graph.Value) -> Void = { _, _, _ in }
  ) throws -> (outputs: [String: [Float]], layers: [LayerProfile]) {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let values = branches.enumerated().map { index, branch in
      let weight = builder.constant(
        Tensor(shape: [branch.factors.count, 1, 1, 1], branch.factors), label: "weight\(index)")
      let scaled = builder.convolution(image, weight: weight, label: "branch\(index)")
      return builder.unary(branch.function, scaled, label: "function\(index)")
    }
    let joined = builder.concatenation(values, label: "joined")
    builder.endpoint("joined", joined)
    more(&builder, values, joined)
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["image": [1, 1, 1, 3]], precision: precision,
      threads: Threads(2), kernels: kernels)
    let inputs = ["image": Self.image]
    return (
      try session.run(inputs).mapValues { $0.floats() ?? [] },
      try session.profile(inputs, runs: 1)
    )
  }

  private static let pixels: [Float] = [1, 2, -4]
  private static let image = Tensor(shape: [1, 1, 1, 3], pixels)

  /// Small whole numbers, exact in either precision: the factors times each pixel.
  private func products(_ factors: [Float]) -> [Float] {
    factors.flatMap { factor in Self.pixels.map { $0 * factor } }
  }

  private func factors(_ range: ClosedRange<Int>) -> [Float] { range.map { Float($0) } }

  @Test(
    arguments: [
      // Where each operand begins, and how many of them that is within a block.
      ([16], 0), ([16, 16], 0), ([32, 16, 5], 0), ([16, 1], 0), ([16, 20, 3], 1), ([5, 16], 1),
      ([1, 1, 1], 2), ([24, 8, 16], 1), ([15, 1, 16, 17, 2], 2),
    ] as [([Int], Int)], Precision.allCases)
  func misalignedOperandsArePlaced(_ test: ([Int], Int), _ precision: Precision) throws {
    var first = 1
    let branches = test.0.map { count in
      defer { first += count }
      return (factors: factors(first...first + count - 1), function: Unary.Function.negate)
    }
    let expected = products(branches.flatMap(\.factors)).map { -$0 }
    for kernels in Kernels.available {
      let (outputs, layers) = try run(branches, precision: precision, kernels: kernels)
      #expect(outputs["joined"] == expected, "\(kernels.name)")
      #expect(layers.count { $0.op == "concatenation" } == (test.1 == 0 ? 0 : 1))
    }
  }

  /// What is placed behind an operand in its last block is infinite; the operand is used after that,
  /// and keeps its own numbers.
  @Test(arguments: ["convolution", "3x3", "spatialMean", "reduction", "endpoint"])
  func neighboursInABlockDoNotMix(_ use: String) throws {
    for kernels in Kernels.available {
      let (outputs, _) = try run(
        [(factors(1...3), .negate), ([0, 0], .log)], precision: .float32, kernels: kernels
      ) { builder, values, joined in
        // Behind the concatenation in the order of execution.
        let result: Graph.Value
        switch use {
        case "convolution", "3x3":
          let side = use == "3x3" ? 3 : 1
          var weight = [Float](repeating: 0, count: 3 * side * side)
          for channel in 0..<3 { weight[channel * side * side + side * side / 2] = 1 }
          let filter = builder.constant(Tensor(shape: [1, 3, side, side], weight), label: "filter")
          result = builder.convolution(
            values[0], weight: filter,
            WindowGeometry(padding: Size2D(height: side / 2, width: side / 2)), label: "late")
        case "spatialMean": result = builder.spatialMean(values[0], label: "late")
        case "reduction":
          result = builder.reduction(.sum, values[0], axes: [2, 3], label: "late")
        default: result = values[0]
        }
        builder.endpoint("late", result)
      }
      let own = products([-1, -2, -3])
      let infinite = [Float](repeating: -.infinity, count: 6)
      #expect(outputs["joined"] == own + infinite, "\(kernels.name)")
      let expected: [Float] =
        switch use {
        case "convolution", "3x3": products([-6])
        // The pixels' sum is -1, and a third of that the mean.
        case "spatialMean": [1, 2, 3].map { $0 / 3 }
        case "reduction": [1, 2, 3]
        default: own
        }
      let late = try #require(outputs["late"])
      #expect(relativeDifference(late, expected) < 1e-6, "\(kernels.name) \(late)")
    }
  }
}
