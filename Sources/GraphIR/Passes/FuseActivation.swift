/// Lets an op apply the ReLU that follows it, or a group norm its SiLU, which saves a pass over
/// memory.
public struct FuseActivation: Pass {
  /// The pass' name in messages.
  public let name = "fuse activation"

  /// Creates the pass.
  public init() {}

  /// Replaces a function by its operand with an activation.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    guard case .unary(let unary) = view[value].op else { return nil }
    let operand = view[value].inputs[0]
    guard view.isUsedOnce(operand), let op = view[operand].op.followed(by: unary.function) else {
      return nil
    }
    return Patch(in: view) { builder in
      builder.add(op, view[operand].inputs, label: view[operand].label)
    }
  }
}

extension Op {
  /// The op with a function at its end, or nil where it has no place for it.
  fileprivate func followed(by function: Unary.Function) -> Op? {
    if case .groupNorm(var op) = self, function == .silu, !op.isSilu {
      op.isSilu = true
      return .groupNorm(op)
    }
    guard function == .relu else { return nil }
    switch self {
    case .convolution(var op) where op.activation == .identity:
      op.activation = .relu
      return .convolution(op)
    case .transposedConvolution(var op) where op.activation == .identity:
      op.activation = .relu
      return .transposedConvolution(op)
    case .channelAffine(let op) where op.activation == .identity:
      return .channelAffine(ChannelAffine(activation: .relu))
    default:
      return nil
    }
  }
}
