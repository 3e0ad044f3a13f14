import GraphIR

/// Turns the nodes of an optimised graph into steps, each with its operands' places.
struct Lowering {
  /// A node's step under the node's own label.
  struct LabelledStep: Sendable {
    let label: String
    let op: String
    let step: any Step
  }

  let graph: Graph
  let shapes: [Shape]
  let kernels: Kernels
  private let placement: Placement
  private let plan: MemoryPlan
  private let constants: [ConstantFloats?]

  /// Floats that all results need together.
  var arenaSize: Int { plan.size }

  init(_ graph: Graph, shapes: [Shape], kernels: Kernels) throws(RuntimeError) {
    self.graph = graph
    self.shapes = shapes
    self.kernels = kernels
    placement = Placement(graph, shapes: shapes)
    plan = MemoryPlan(placement.requests)
    constants = graph.nodes.map { node in
      if case .constant(let constant) = node.op { ConstantFloats(constant.tensor) } else { nil }
    }
  }

  /// The steps in execution order.
  func steps() throws(RuntimeError) -> [LabelledStep] {
    var steps = [LabelledStep]()
    for value in graph.values {
      let node = graph[value]
      if let step = try step(for: value, node) {
        steps.append(
          LabelledStep(label: node.label, op: type(of: node.op.attributes).name, step: step))
      }
    }
    return steps
  }

  /// The first float of a computed value in the arena.
  func offset(of value: Graph.Value) throws(RuntimeError) -> Int {
    guard let place = placement.places[value.index] else {
      throw unsupported(graph[value], "a constant result has no place in memory")
    }
    return plan.offsets[place.buffer] + place.offset
  }

  private func location(of value: Graph.Value) throws(RuntimeError) -> Location {
    guard graph[value].isConstant else { return .arena(try offset(of: value)) }
    guard let floats = constants[value.index] else {
      throw unsupported(graph[value], "its values are not real numbers")
    }
    return .constant(floats)
  }

  private func step(
    for value: Graph.Value, _ node: Graph.Node
  ) throws(RuntimeError) -> (any Step)? {
    if node.isInput || node.isConstant { return nil }
    let result = try offset(of: value)
    var operands = [Location]()
    for input in node.inputs { operands.append(try location(of: input)) }
    let operandShapes = node.inputs.map { shapes[$0.index] }
    let shape = shapes[value.index]

    switch node.op {
    case .convolution(let op):
      guard op.prologue == nil, !op.addsResidual else {
        throw unsupported(node, "a prologue or a residual")
      }
      return ConvolutionStep(
        op, image: operands[0], weight: operands[1], bias: operands.count > 2 ? operands[2] : nil,
        result: result, imageShape: operandShapes[0], weightShape: operandShapes[1],
        resultShape: shape, kernels: kernels)
    case .channelAffine(let op):
      return ChannelAffineStep(
        op, image: operands[0], scale: operands[1], shift: operands[2], result: result,
        shape: shape, kernels: kernels)
    case .unary(let op):
      guard op.function == .relu else {
        throw unsupported(node, "\(op.function) is only computed for weights")
      }
      return ReluStep(operand: operands[0], result: result, shape: shape, kernels: kernels)
    case .binary(let op):
      guard [.add, .subtract, .multiply].contains(op.function) else {
        throw unsupported(node, "there is no kernel for \(op.function.rawValue)")
      }
      guard
        let step = BinaryStep(
          op, a: operands[0], b: operands[1], result: result, aShape: operandShapes[0],
          bShape: operandShapes[1], resultShape: shape, kernels: kernels)
      else { throw unsupported(node, "a result of \(shape.count) dimensions") }
      return step
    case .pooling(let op):
      guard op.prologue == nil else { throw unsupported(node, "a prologue") }
      return PoolingStep(
        op, image: operands[0], result: result, imageShape: operandShapes[0], resultShape: shape,
        kernels: kernels)
    case .spatialMean(let op):
      guard op.prologue == nil else { throw unsupported(node, "a prologue") }
      return SpatialMeanStep(
        kernels: kernels, image: operands[0], result: result, shape: operandShapes[0])
    case .linear:
      return LinearStep(
        features: operands[0], weight: operands[1], bias: operands[2], result: result,
        weightShape: operandShapes[1], kernels: kernels)
    case .concatenation(let op):
      return copyStep(op, node, operands, operandShapes, result: result, shape: shape)
    case .transposedConvolution, .resize, .reduction:
      throw unsupported(node, "there is no kernel for it")
    case .batchNorm, .reshape, .parameter:
      throw unsupported(node, "it should have been folded before compiling")
    case .input, .constant:
      return nil
    }
  }

  private func copyStep(
    _ op: Concatenation, _ node: Graph.Node, _ operands: [Location], _ shapes: [Shape],
    result: Int, shape: Shape
  ) -> CopyStep? {
    let inner = shape.dimensions[(op.axis + 1)...].reduce(1, *)
    var parts = [CopyStep.Part]()
    var target = result
    for (operand, operandShape) in zip(operands, shapes) {
      let run = operandShape[op.axis] * inner
      if case .arena(let offset) = operand, offset == target,
        Placement.isContiguous(shape, axis: op.axis)
      {
        // Written in place already.
      } else {
        parts.append(CopyStep.Part(source: operand, target: target, run: run))
      }
      target += run
    }
    guard !parts.isEmpty else { return nil }
    return CopyStep(
      parts: parts, rows: shape.dimensions[..<op.axis].reduce(1, *),
      stride: shape[op.axis] * inner)
  }

  private func unsupported(_ node: Graph.Node, _ reason: String) -> RuntimeError {
    .unsupported(op: type(of: node.op.attributes).name, label: node.label, reason: reason)
  }
}
