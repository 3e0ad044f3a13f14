/// Lets a convolution add the other branch of a residual block to its result.
///
/// An addition broadcasts and a residual does not, so the pass applies only where the pipeline was
/// given the shapes of the inputs and both operands have the same one.
public struct FuseResidual: Pass {
  /// The pass' name in messages.
  public let name = "fuse residual"

  /// Creates the pass.
  public init() {}

  /// Replaces an addition by one of its operands, a convolution, with the other as its residual.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    let node = view[value]
    guard case .binary(let binary) = node.op, binary.function == .add,
      let shape = view.shape(of: node.inputs[0]), shape == view.shape(of: node.inputs[1])
    else { return nil }
    // The later of two convolutions: what it adds is there already when its turn comes.
    for convolved in node.inputs.sorted(by: { $0.index > $1.index })
    where view.isUsedOnce(convolved) {
      let source = view[convolved]
      let residual = node.inputs[0] == convolved ? node.inputs[1] : node.inputs[0]
      guard case .convolution(var convolution) = source.op, !convolution.addsResidual,
        convolution.activation == .identity, view[residual].constant == nil
      else { continue }
      var operands = convolution.operands(source.inputs)
      operands.residual = residual
      convolution.addsResidual = true
      return Patch(in: view) { builder in
        builder.add(.convolution(convolution), operands.inputs, label: source.label)
      }
    }
    return nil
  }
}
