import GraphIR

extension Lowering {
  func binary(
    _ op: Binary, _ node: PlannedGraph.Node, _ operands: [Location], result: Int
  ) throws(RuntimeError) -> any Step {
    let sources = zip(node.inputs, operands).map { input, location in
      CombineStep.Operand(
        location: location, shape: graph.nodes[input].shape, layout: graph.nodes[input].layout)
    }
    if node.layout != .planar {
      return try CombineStep(
        op, sources[0], sources[1], result: result, shape: node.shape, precision: precision,
        kernels: kernels)
    }
    guard
      let step = PlanarBinaryStep(
        op, a: operands[0], b: operands[1], result: result, aShape: sources[0].shape,
        bShape: sources[1].shape, resultShape: node.shape, kernels: kernels)
    else { throw unsupported(node, "a result of \(node.shape.count) dimensions") }
    return step
  }

  func reduction(
    _ op: Reduction, _ node: PlannedGraph.Node, _ operand: Location, result: Int
  ) throws(RuntimeError) -> any Step {
    guard !op.axes.contains(0) else {
      throw unsupported(
        node, "axis 0 cannot be reduced, the images of a batch are computed one by one")
    }
    let shape = graph.nodes[node.inputs[0]].shape
    if node.layout != .planar {
      return ReductionStep(
        op, image: operand, result: result, shape: shape, precision: precision,
        kernels: kernels)
    }
    guard
      let step = PlanarReductionStep(
        op, operand: operand, result: result, shape: shape, kernels: kernels)
    else { throw unsupported(node, "an operand of \(shape.count) dimensions") }
    return step
  }
}
