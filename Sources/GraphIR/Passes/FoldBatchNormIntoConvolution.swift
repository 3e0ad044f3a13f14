/// Moves a batch norm into the weights of the convolution before it.
///
/// With `s = gamma / sqrt(variance + epsilon)`, the weight becomes `w * s` and the bias
/// `(b - mean) * s + beta`. It applies where nothing else sees the convolution's result.
public struct FoldBatchNormIntoConvolution: Pass {
  /// The pass' name in messages.
  public let name = "fold batch norm into convolution"

  /// Creates the pass.
  public init() {}

  /// Replaces a batch norm by a convolution with scaled weights.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    guard case .batchNorm(let norm) = view[value].op else { return nil }
    let operands = view[value].inputs
    let source = view[operands[0]]
    guard case .convolution(let convolution) = source.op, convolution.activation == .identity,
      !convolution.addsResidual, view.isUsedOnce(operands[0])
    else { return nil }
    var convolved = convolution.operands(source.inputs)
    guard let weightShape = view.weightShape(of: convolved.weight) else { return nil }

    return Patch(in: view) { builder in
      let label = source.label
      let (scale, shift) = builder.scaleAndShift(norm, operands, label: label)
      let perOutput = builder.reshape(
        scale, to: [weightShape[0], 1, 1, 1], label: label + ".scale")
      convolved.weight = builder.binary(
        .multiply, convolved.weight, perOutput, label: label + ".weight")
      if let bias = convolved.bias {
        let scaled = builder.binary(.multiply, bias, scale, label: label + ".bias")
        convolved.bias = builder.binary(.add, scaled, shift, label: label + ".bias")
      } else {
        convolved.bias = shift
      }
      return builder.add(.convolution(convolution), convolved.inputs, label: label)
    }
  }
}

/// Turns a batch norm that cannot join a convolution into one multiplication and addition.
public struct LowerBatchNorm: Pass {
  /// The pass' name in messages.
  public let name = "lower batch norm"

  /// Creates the pass.
  public init() {}

  /// Replaces a batch norm by a channel-wise affine map.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    let node = view[value]
    guard case .batchNorm(let norm) = node.op else { return nil }
    return Patch(in: view) { builder in
      let (scale, shift) = builder.scaleAndShift(norm, node.inputs, label: node.label)
      return builder.add(
        .channelAffine(ChannelAffine(activation: .identity)), node.inputs[0], scale, shift,
        label: node.label)
    }
  }
}

extension GraphBuilder {
  /// `gamma / sqrt(variance + epsilon)` and `beta - mean * scale` of a batch norm's operands.
  fileprivate mutating func scaleAndShift(
    _ norm: BatchNorm, _ operands: [Graph.Value], label: String
  ) -> (scale: Graph.Value, shift: Graph.Value) {
    let (gamma, beta, mean, variance) = (operands[1], operands[2], operands[3], operands[4])
    let epsilon = constant(norm.epsilon, label: label + ".epsilon")
    let shifted = binary(.add, variance, epsilon, label: label + ".variance")
    let root = unary(.reciprocalSquareRoot, shifted, label: label + ".deviation")
    let scale = binary(.multiply, gamma, root, label: label + ".scale")
    let offset = binary(.multiply, mean, scale, label: label + ".mean")
    return (scale, binary(.subtract, beta, offset, label: label + ".shift"))
  }
}
