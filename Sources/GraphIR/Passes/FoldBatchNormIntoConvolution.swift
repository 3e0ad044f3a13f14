/// Moves a batch norm into the weights of the convolution, transposed or not, before it.
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
    // What is computed on the way would make a weight that is too.
    guard view.isUsedOnce(operands[0]), operands.dropFirst().allSatisfy(view.isWeight),
      let outputs = view.outputAxis(of: source)
    else {
      return nil
    }

    return Patch(in: view) { builder in
      let label = source.label
      let (scale, shift) = builder.scaleAndShift(norm, operands, label: label)
      let perOutput = builder.reshape(scale, to: outputs.shape, label: label + ".scale")
      var inputs = source.inputs
      inputs[1] = builder.binary(.multiply, inputs[1], perOutput, label: label + ".weight")
      if outputs.hasBias {
        let scaled = builder.binary(.multiply, inputs[2], scale, label: label + ".bias")
        inputs[2] = builder.binary(.add, scaled, shift, label: label + ".bias")
      } else {
        inputs.insert(shift, at: 2)
      }
      return builder.add(source.op, inputs, label: label)
    }
  }
}

extension GraphView {
  /// How a vector with one number an output broadcasts over a convolution's weight, and whether
  /// there is a bias; nil for what is not a convolution, does more behind it, or has a computed
  /// weight.
  ///
  /// In both ops the weight is the second operand and the bias the third. Groups of a transposed
  /// convolution share an axis of its weight with the inputs: those are left alone.
  fileprivate func outputAxis(of node: Graph.Node) -> (shape: Shape, hasBias: Bool)? {
    switch node.op {
    case .convolution(let op) where op.activation == .identity && !op.addsResidual:
      let operands = op.operands(node.inputs)
      guard let weight = weightShape(of: operands.weight), weight.count == 4 else { return nil }
      return ([weight[0], 1, 1, 1], operands.bias != nil)
    case .transposedConvolution(let op) where op.activation == .identity && op.groups == 1:
      guard let weight = weightShape(of: node.inputs[1]), weight.count == 4 else { return nil }
      return ([1, weight[1], 1, 1], node.inputs.count == 3)
    default:
      return nil
    }
  }
}

/// Turns a batch norm that cannot join a convolution into one multiplication and addition, two ops
/// for feature vectors, which have no layout of channels.
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
      if view.shape(of: node.inputs[0])?.count == 2 {
        let scaled = builder.binary(.multiply, node.inputs[0], scale, label: node.label)
        return builder.binary(.add, scaled, shift, label: node.label)
      }
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
