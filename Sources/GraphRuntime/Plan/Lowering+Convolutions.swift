import GraphIR

extension Lowering {
  mutating func convolution(
    _ op: Convolution, _ node: PlannedGraph.Node, _ operands: [Location], result: Place
  ) throws(RuntimeError) -> any Step {
    let named = op.operands(operands)
    let shapes = node.inputs.map { graph.nodes[$0].shape }
    let shape = ConvolutionShape(
      op, image: shapes[0], weight: shapes[1], result: node.shape,
      isPlanar: graph.nodes[node.inputs[0]].layout == .planar)
    guard let path = node.path, path != .matrix else {
      guard op.prologue == nil else {
        throw unsupported(
          node, "a prologue needs an unpadded 1×1 window, one group, and constant weights and bias")
      }
      return MatrixConvolutionStep(
        op, shape: shape, operands: named, result: result, kernels: kernels)
    }
    guard let weights = named.weight.constant else {
      throw unsupported(node, "its weights are not constant")
    }
    try requireConstant(named.prologue, of: node)
    return try ConvolutionStep(
      op, shape: shape, path: path, precision: precision, operands: named, weights: weights,
      result: result, kernels: kernels, packing: &packing)
  }

  mutating func transposedConvolution(
    _ op: TransposedConvolution, _ node: PlannedGraph.Node, _ operands: [Location],
    result: Place
  ) throws(RuntimeError) -> any Step {
    let shapes = node.inputs.map { graph.nodes[$0].shape }
    let shape = TransposedShape(op, image: shapes[0], weight: shapes[1], result: node.shape)
    let bias = operands.count > 2 ? operands[2] : nil
    guard node.layout != .planar else {
      return PlanarTransposedConvolutionStep(
        op, shape: shape, image: operands[0], weight: operands[1], bias: bias, result: result,
        kernels: kernels)
    }
    guard let weights = operands[1].constant else {
      throw unsupported(node, "its weights are not constant")
    }
    guard bias == nil || bias?.constant != nil else {
      throw unsupported(node, "its bias is not constant")
    }
    return try TransposedConvolutionStep(
      op, shape: shape, precision: precision, image: operands[0], weights: weights,
      bias: bias?.constant, result: result, kernels: kernels, packing: &packing)
  }
}
