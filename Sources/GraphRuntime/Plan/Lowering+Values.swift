import GraphIR

extension Lowering {
  /// The steps that compute all numbers of a planar value at once.
  mutating func wholeSteps(
    _ node: PlannedGraph.Node, _ operands: [Location], result: Place
  ) throws(RuntimeError) -> [any Step] {
    let shapes = node.inputs.map { graph.nodes[$0].shape }
    let shape = node.shape
    if let elements = node.elements(of: shapes[0]) {
      if case .arena(let place) = operands[0], let first = node.firstElement(in: shapes[0]),
        place.offset + first * 4 == result.offset
      {
        return []
      }
      return [
        WalkStep(copying: operands[0], elements, to: shape, result: result, kernels: kernels)
      ]
    }
    guard case .op(let op) = node.operation else {
      throw unsupported(node, "only images change their layout")
    }
    switch op {
    case .unary(let op):
      return [
        UnaryStep(
          op, operand: operands[0], result: result, shape: shape, layout: .planar,
          kernels: kernels)
      ]
    case .binary(let op):
      return [walk(.binary(op.kernelFunction), node, operands, shapes, result: result)]
    case .select: return [walk(.select, node, operands, shapes, result: result)]
    case .reduction(let op):
      return [
        PlanarReductionStep(
          op, operand: operands[0], result: result, shape: shapes[0], kernels: kernels)
      ]
    case .concatenation(let op):
      return concatenation(op, node, operands, shapes, result: result)
    case .pad(let op):
      return [
        PadStep(
          op, operand: operands[0], result: result, shape: shapes[0], resultShape: shape)
      ]
    case .matrixProduct:
      return [
        try MatrixProductStep(
          a: operands[0], b: operands[1], result: result, shapes: shapes, resultShape: shape,
          kernels: kernels, packing: &packing)
      ]
    case .gather(let op):
      return [
        GatherStep(op, value: operands[0], indices: operands[1], result: result, shapes: shapes)
      ]
    case .argExtremum(let op):
      return [ArgExtremumStep(op, operand: operands[0], result: result, shape: shapes[0])]
    default: throw unsupported(node, "it should have been folded before compiling")
    }
  }

  private func walk(
    _ operation: WalkStep.Operation, _ node: PlannedGraph.Node, _ operands: [Location],
    _ shapes: [Shape], result: Place
  ) -> WalkStep {
    WalkStep(
      operation, operands, walk: StridedWalk(broadcasting: shapes, to: node.shape),
      result: result, kernels: kernels)
  }

  /// Copies of the operands that could not be written in place.
  private func concatenation(
    _ op: Concatenation, _ node: PlannedGraph.Node, _ operands: [Location], _ shapes: [Shape],
    result: Place
  ) -> [any Step] {
    let offsets = Placement.offsets(of: node, axis: op.axis, in: graph)
    let steps = node.shape.rowMajorSteps
    var copies = [any Step]()
    var before = 0
    for (index, (operand, shape)) in zip(operands, shapes).enumerated() {
      defer { before += shape[op.axis] }
      if shape.contains(0) || isInPlace(operand, result, offsets[index]) { continue }
      let walk = StridedWalk(
        result: shape,
        operands: [
          StridedWalk.Operand(steps: shape.rowMajorSteps),
          StridedWalk.Operand(start: before * steps[op.axis], steps: steps),
        ])
      copies.append(WalkStep(.copy, [operand], walk: walk, result: result, kernels: kernels))
    }
    return copies
  }
}
