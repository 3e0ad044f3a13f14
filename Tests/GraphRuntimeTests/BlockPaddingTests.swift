import GraphIR
import GraphRuntime
import Testing

/// Three channels leave thirteen numbers of a block to nobody.
///
/// No function may leave infinity or NaN there: the next convolution multiplies them with weights
/// of zero, which would make every result NaN.
struct BlockPaddingTests {
  /// What a convolution that sums all channels makes of `function(image)`, where all numbers of the
  /// image are `value`, and so must all results be three times the function's value.
  private func sum(
    of value: Float, _ precision: Precision, _ kernels: Kernels,
    _ function: (inout GraphBuilder, Graph.Value) -> Graph.Value
  ) throws -> [Float] {
    var builder = GraphBuilder()
    let ones = builder.constant(
      Tensor(shape: [3, 3, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1]), label: "identity")
    let image = builder.convolution(
      builder.input("image", channels: 3), weight: ones, label: "blocks")
    let made = function(&builder, image)
    let all = builder.constant(
      Tensor(shape: [1, 3, 3, 3], (0..<27).map { $0 % 9 == 4 ? 1 : 0 }), label: "all")
    let padding = WindowGeometry(padding: 1)
    builder.endpoint("sum", builder.convolution(made, weight: all, padding, label: "sum"))
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["image": [1, 3, 5, 7]], precision: precision,
      threads: Threads(2), kernels: kernels)
    let values = [Float](repeating: value, count: 105)
    let output = try session.run(["image": Tensor(shape: [1, 3, 5, 7], values)])["sum"]
    return try #require(output?.floats())
  }

  @Test(arguments: Precision.allCases)
  func functionsLeaveNothingBehind(_ precision: Precision) throws {
    for kernels in Kernels.available {
      func expect(
        _ value: Float, becomes result: Float,
        _ function: (inout GraphBuilder, Graph.Value) -> Graph.Value
      ) throws {
        let found = try sum(of: value, precision, kernels, function)
        #expect(found == Array(repeating: 3 * result, count: 35), "\(kernels.name)")
      }
      try expect(1, becomes: 0) { $0.unary(.log, $1, label: "log") }
      try expect(4, becomes: 0.5) { $0.unary(.reciprocalSquareRoot, $1, label: "root") }
      try expect(2, becomes: 1) { $0.binary(.divide, $1, $1, label: "quotient") }
      try expect(0, becomes: 0) { builder, image in
        // Where nothing is divided by nothing, padding is; and so is infinity times zero.
        let two = builder.constant(2, label: "two")
        return builder.binary(.divide, image, two, label: "halved")
      }
      try expect(2, becomes: 0.5) { builder, image in
        let one = builder.constant(1, label: "one")
        return builder.binary(.divide, one, image, label: "reciprocal")
      }
      // exp(exp(exp(exp(exp(0))))) is beyond all floats.
      try expect(-1000, becomes: 0) { builder, image in
        var value = image
        for level in 0..<5 { value = builder.unary(.exp, value, label: "exp\(level)") }
        return builder.binary(.subtract, value, value, label: "nothing")
      }
      try expect(3, becomes: 0) { builder, image in
        let mean = builder.reduction(.mean, image, axes: [2, 3], label: "mean")
        let log = builder.unary(
          .log, builder.binary(.divide, mean, mean, label: "one"), label: "log")
        return builder.binary(.multiply, image, log, label: "product")
      }
    }
  }
}
