import GraphIR
import TestSupport
import Testing

extension OpFixture {
  // The first five are the limits of functions.
  private static let special: [Float] = [
    .nan, .infinity, -.infinity, -0.0, 0, 1.5, -2, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    3e38, -3e38,
  ]

  func tensor(_ name: String, operand: Int) -> Tensor {
    let (stream, shape) = ("\(name)/\(operand)", operands[operand].shape)
    func picks(of choices: ArraySlice<Float>) -> [Float] {
      CounterFill.uniform(stream, count: shape.elementCount).map {
        choices[Int($0 * Float(choices.count))]
      }
    }
    let values: [Float] =
      switch operands[operand].kind {
      case "special": picks(of: Self.special[...])
      case "limits": picks(of: Self.special[..<5])
      case "positive": CounterFill.uniform(stream, count: shape.elementCount).map { $0 + 0.5 }
      case "wide": CounterFill.symmetric(stream, count: shape.elementCount, bound: 20)
      default: CounterFill.symmetric(stream, count: shape.elementCount, bound: 1)
      }
    return Tensor(shape: shape, values)
  }

  /// The operands by their names in the graph, the weights among the inputs where they come with
  /// each run.
  func tensors(
    _ name: String, weightsAreInputs: Bool = false
  ) -> (inputs: [String: Tensor], weights: [String: Tensor]) {
    let named = operands.indices.map { ("\($0)", tensor(name, operand: $0)) }
    let inputs = weightsAreInputs ? operands.count : inputs
    return (
      Dictionary(uniqueKeysWithValues: named[..<inputs]),
      Dictionary(uniqueKeysWithValues: named[inputs...])
    )
  }

  /// The case as a graph: inputs and weights are named by their positions.
  ///
  /// With `inBlocks` a convolution that changes nothing stands behind each input, so that the op
  /// gets images in blocks; they are endpoints too, which keeps passes from joining them to the op.
  func graph(inBlocks: Bool = false, weightsAreInputs: Bool = false) throws -> Graph {
    var builder = GraphBuilder()
    let values = operands.indices.map { index in
      guard index < inputs else {
        return weightsAreInputs
          ? builder.input("\(index)", shape: operands[index].shape)
          : builder.parameter("\(index)", operands[index].shape)
      }
      let channels = operands[index].shape[1]
      let input = builder.input("\(index)", channels: channels)
      guard inBlocks else { return input }
      let identity = (0..<channels * channels).map { $0 % (channels + 1) == 0 ? 1 : 0 as Float }
      let weight = builder.constant(
        Tensor(shape: [channels, channels, 1, 1], identity), label: "identity\(index)")
      let same = builder.convolution(input, weight: weight, label: "same\(index)")
      builder.endpoint("same\(index)", same)
      return same
    }
    var result = try result(&builder, values)
    if attributes.norm == true {
      result = builder.batchNorm(result, statistics: Array(values.suffix(4)))
    }
    if attributes.relu == true { result = builder.unary(.relu, result, label: "relu") }
    builder.endpoint("result", result)
    return try builder.build()
  }

  private func result(
    _ builder: inout GraphBuilder, _ values: [Graph.Value]
  ) throws -> Graph.Value {
    switch op {
    case "convolution":
      return builder.convolution(
        values[0], weight: values[1], bias: attributes.bias == true ? values[2] : nil,
        attributes.geometry, groups: attributes.groups ?? 1, label: "conv")
    case "transposedConvolution":
      return builder.transposedConvolution(
        values[0], weight: values[1], bias: attributes.bias == true ? values[2] : nil,
        attributes.geometry, outputPadding: attributes.outputPadding?.size ?? 0,
        groups: attributes.groups ?? 1, label: "conv")
    case "batchNorm": return builder.batchNorm(values[0], statistics: Array(values[1...]))
    case "groupNorm":
      let norm = builder.groupNorm(
        values[0], gamma: values[1], beta: values[2], groups: attributes.groups ?? 1,
        epsilon: 1e-6, label: "norm")
      return attributes.silu == true ? builder.unary(.silu, norm, label: "silu") : norm
    case "maximum", "average":
      return builder.pooling(
        op == "maximum" ? .maximum : .average, values[0], window: attributes.window?.size ?? 1,
        attributes.geometry, label: "pool")
    case "nearest", "bilinear":
      let filter: Resize.Filter =
        op == "nearest" ? .nearest : .bilinear(alignsCorners: attributes.alignsCorners ?? false)
      let target: Resize.Target =
        if let scale = attributes.scale {
          .scale(height: scale[0], width: scale[1])
        } else {
          .size(try #require(attributes.size).size)
        }
      return builder.resize(values[0], filter, to: target, label: "resize")
    case "concatenation":
      return builder.concatenation(values, axis: attributes.axis ?? 1, label: "cat")
    case "linear":
      let features = builder.spatialMean(values[0], label: "mean")
      return builder.linear(features, weight: values[1], bias: values[2], label: "linear")
    case "spatialMean": return builder.spatialMean(values[0], label: "mean")
    case "sum", "mean", "largest":
      let function = op == "largest" ? .maximum : Reduction.Function(rawValue: op)
      return builder.reduction(
        try #require(function), values[0], axes: Set(try #require(attributes.axes)),
        label: "reduction")
    default:
      if let function = try unary { return builder.unary(function, values[0], label: op) }
      let function = try #require(binary, "no op is named \(op)")
      return builder.binary(function, values[0], values[1], label: op)
    }
  }

  private var unary: Unary.Function? {
    get throws {
      switch op {
      case "relu": .relu
      case "leakyRelu": .leakyRelu(slope: try #require(attributes.slope))
      case "sigmoid": .sigmoid
      case "silu": .silu
      case "gelu": .gelu
      case "tanh": .tanh
      case "exp": .exp
      case "log": .log
      case "absolute": .absolute
      case "negate": .negate
      case "squareRoot": .squareRoot
      default: nil
      }
    }
  }

  // "maximum" is the pooling.
  private var binary: Binary.Function? {
    switch op {
    case "elementwiseMaximum": .maximum
    case "elementwiseMinimum": .minimum
    default: Binary.Function(rawValue: op)
    }
  }
}

extension GraphBuilder {
  mutating func batchNorm(
    _ image: Graph.Value, statistics: [Graph.Value]
  ) -> Graph.Value {
    batchNorm(
      image, gamma: statistics[0], beta: statistics[1], mean: statistics[2],
      variance: statistics[3], label: "norm")
  }
}
