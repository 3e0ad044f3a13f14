import GraphIR

/// Turns the nodes of a planned graph into steps, each with its operands' places.
struct Lowering {
  /// A node's step under the node's own label.
  struct LabelledStep: Sendable {
    let label: String
    let op: String
    var step: any Step
  }

  let graph: PlannedGraph
  let precision: Precision
  let kernels: Kernels
  var packing = PackingJobs()
  private let placement: Placement
  private let plan: MemoryPlan
  private let constants: [ConstantFloats?]

  /// Bytes that all results need together.
  var arenaSize: Int { plan.size }

  init(_ graph: PlannedGraph, precision: Precision, kernels: Kernels) {
    self.graph = graph
    self.precision = precision
    self.kernels = kernels
    placement = Placement(graph)
    plan = MemoryPlan(placement.requests)
    constants = graph.nodes.map { node in
      if case .op(.constant(let constant)) = node.operation {
        ConstantFloats(constant.tensor)
      } else {
        nil
      }
    }
  }

  /// The steps in execution order.
  mutating func steps() throws(RuntimeError) -> [LabelledStep] {
    var steps = [LabelledStep]()
    for (index, node) in graph.nodes.enumerated() where !node.isInput && !node.isConstant {
      if let step = try step(for: index, node) {
        steps.append(LabelledStep(label: node.label, op: node.opName, step: step))
      }
    }
    var next: ConvolutionStep?
    for index in steps.indices.reversed() {
      guard var step = steps[index].step as? ConvolutionStep else { continue }
      if let next { step.precede(next) }
      next = step
      steps[index].step = step
    }
    return steps
  }

  /// The first byte of a computed result in the arena.
  func offset(of node: Int) throws(RuntimeError) -> Int {
    guard let place = placement.places[node] else {
      throw unsupported(graph.nodes[node], "a constant result has no place in memory")
    }
    return plan.offsets[place.buffer] + place.offset
  }

  private func location(of node: Int) throws(RuntimeError) -> Location {
    guard graph.nodes[node].isConstant else { return .arena(try offset(of: node)) }
    guard let floats = constants[node] else {
      throw unsupported(graph.nodes[node], "its values are not real numbers")
    }
    return .constant(floats)
  }

  private mutating func step(
    for index: Int, _ node: PlannedGraph.Node
  ) throws(RuntimeError) -> (any Step)? {
    let result = try offset(of: index)
    var operands = [Location]()
    for input in node.inputs { operands.append(try location(of: input)) }
    let shapes = node.inputs.map { graph.nodes[$0].shape }
    let shape = node.shape
    guard case .op(let op) = node.operation else {
      return RelayoutStep(
        kernels: kernels, source: operands[0], result: result, toBlocks: node.layout != .planar,
        channels: shape[1], plane: shape[2] * shape[3], isBfloat16: precision == .bfloat16)
    }
    let isBlocked = graph.nodes[node.inputs[0]].layout != .planar

    switch op {
    case .convolution(let op):
      return try convolution(op, node, operands, shapes, result: result)
    case .channelAffine(let op):
      guard isBlocked else {
        return PlanarAffineStep(
          op, image: operands[0], scale: operands[1], shift: operands[2], result: result,
          shape: shape, kernels: kernels)
      }
      let normalised = Prologue(scale: operands[1], shift: operands[2])
      try requireConstant(normalised, of: node)
      let affine = try Affine(
        normalised, op.activation, channels: shape[1], in: packing.memory)
      return AffineStep(
        affine, image: operands[0], result: result, shape: shape, precision: precision,
        kernels: kernels)
    case .unary(let op):
      return UnaryStep(
        op, operand: operands[0], result: result, shape: shape, layout: node.layout,
        kernels: kernels)
    case .binary(let op):
      return try binary(op, node, operands, result: result)
    case .pooling(let op):
      let named = op.operands(operands)
      if isBlocked {
        try requireConstant(named.prologue, of: node)
        return try PoolingStep(
          op, operands: named, result: result, imageShape: shapes[0], resultShape: shape,
          precision: precision, kernels: kernels, memory: packing.memory)
      }
      return PlanarPoolingStep(
        op, image: named.image, result: result, imageShape: shapes[0], resultShape: shape,
        kernels: kernels)
    case .spatialMean(let op):
      let named = op.operands(operands)
      if isBlocked {
        try requireConstant(named.prologue, of: node)
        return try SpatialMeanStep(
          op, operands: named, result: result, shape: shapes[0], precision: precision,
          kernels: kernels, memory: packing.memory)
      }
      return PlanarMeanStep(
        kernels: kernels, image: named.image, result: result, shape: shapes[0])
    case .linear:
      return LinearStep(
        features: operands[0], weight: operands[1], bias: operands[2], result: result,
        weightShape: shapes[1], kernels: kernels)
    case .concatenation(let op):
      return concatenation(op, node, operands, result: result)
    case .transposedConvolution(let op):
      return try transposedConvolution(op, node, operands, shapes, result: result)
    case .resize(let op):
      return try ResizeStep(
        op, image: operands[0], result: result, imageShape: shapes[0], resultShape: shape,
        layout: node.layout, kernels: kernels)
    case .reduction(let op):
      return try reduction(op, node, operands[0], result: result)
    case .batchNorm, .reshape, .parameter:
      throw unsupported(node, "it should have been folded before compiling")
    case .transpose, .slicing, .pad, .broadcast, .matrixProduct, .gather, .argExtremum, .select:
      throw unsupported(node, "not there yet")
    case .input, .constant:
      return nil
    }
  }

  /// What could not be written in place, or nil where everything was.
  private func concatenation(
    _ op: Concatenation, _ node: PlannedGraph.Node, _ operands: [Location], result: Int
  ) -> (any Step)? {
    let offsets = Placement.offsets(of: node, axis: op.axis, in: graph)
    let inner = node.shape.dimensions[(op.axis + 1)...].reduce(1, *)
    var copies = [CopyStep.Part]()
    var places = [PlaceStep.Part]()
    var before = 0
    for (index, operand) in operands.enumerated() {
      let extent = graph.nodes[node.inputs[index]].shape[op.axis]
      defer { before += extent }
      if case .arena(let offset) = operand, let place = offsets[index], offset == result + place {
        continue
      }
      copies.append(
        CopyStep.Part(source: operand, target: result + before * inner * 4, run: extent * inner))
      places.append(
        PlaceStep.Part(source: operand, firstChannel: before, channels: extent))
    }
    guard !copies.isEmpty else { return nil }
    if node.layout == .planar {
      return CopyStep(
        parts: copies, rows: node.shape.dimensions[..<op.axis].reduce(1, *),
        stride: node.shape[op.axis] * inner)
    }
    return PlaceStep(
      kernels: kernels, parts: places, result: result, plane: inner,
      isBfloat16: precision == .bfloat16)
  }

  func unsupported(_ node: PlannedGraph.Node, _ reason: String) -> RuntimeError {
    .unsupported(op: node.opName, label: node.label, reason: reason)
  }
}
