/// Moves an average pooling in front of the pointwise convolution before it, which then has fewer
/// pixels to multiply: a quarter of them in a DenseNet's transitions.
///
/// Both are linear, one over pixels and one over channels, so their order does not matter. A bias
/// survives because the weights of a mean add up to one: no window may reach into padding.
public struct PoolBeforePointwise: Pass {
  /// The pass' name in messages.
  public let name = "pool before pointwise convolution"

  /// Creates the pass.
  public init() {}

  /// Replaces the pooling of a convolution by the convolution of a pooling.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    let node = view[value]
    guard case .pooling(let pooling) = node.op, pooling.kind == .average,
      pooling.prologue == nil, pooling.geometry.padding == .zero,
      // With a stride of 1 nearly as many pixels remain: nothing is won.
      pooling.geometry.stride != 1
    else { return nil }
    let source = view[node.inputs[0]]
    guard case .convolution(let convolution) = source.op, convolution.activation == .identity,
      convolution.prologue == nil, !convolution.addsResidual,
      convolution.geometry.stride == 1, view.isUsedOnce(node.inputs[0])
    else { return nil }
    var operands = convolution.operands(source.inputs)
    guard view.isPointwise(convolution, weight: operands.weight) else { return nil }

    return Patch(in: view) { builder in
      operands.image = builder.add(node.op, operands.image, label: node.label)
      return builder.add(source.op, operands.inputs, label: source.label)
    }
  }
}

extension GraphView {
  /// Whether a convolution sees one pixel at a time, all of them of the image.
  func isPointwise(_ convolution: Convolution, weight: Graph.Value) -> Bool {
    guard let shape = weightShape(of: weight), shape.count == 4 else { return false }
    return shape[2] == 1 && shape[3] == 1 && convolution.geometry.padding == .zero
  }
}
