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
      for step in try self.steps(for: index, node) {
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

  /// Where a value lies, computed or known.
  func location(of node: Int) throws(RuntimeError) -> Location {
    guard graph.nodes[node].isConstant else {
      return .arena(Place(offset: try offset(of: node)))
    }
    guard let floats = constants[node] else {
      throw unsupported(graph.nodes[node], "its values are not real numbers")
    }
    return .constant(floats)
  }

  private mutating func steps(
    for index: Int, _ node: PlannedGraph.Node
  ) throws(RuntimeError) -> [any Step] {
    let result = Place(offset: try offset(of: index))
    var operands = [Location]()
    for input in node.inputs { operands.append(try location(of: input)) }
    // Of nothing there is nothing to compute.
    guard !node.shape.contains(0) else { return [] }
    guard let advancing = operandsOfImages(node) else {
      return try wholeSteps(node, operands, result: result)
    }
    let images = node.shape[0]
    guard images > 1 else { return try imageSteps(node, operands, result: result) }
    for position in advancing {
      let input = graph.nodes[node.inputs[position]]
      operands[position] = operands[position].eachImage(input.layout.imageStride(input.shape))
    }
    let results = Place(
      offset: result.offset, imageStride: node.layout.imageStride(node.shape))
    return try imageSteps(node, operands, result: results).map {
      BatchStep(step: $0, images: images)
    }
  }

  /// Which operands have a batch of images, for steps that compute one image; nil for those that
  /// compute all numbers of a value at once.
  private func operandsOfImages(_ node: PlannedGraph.Node) -> [Int]? {
    let isBlocked = graph.nodes[node.inputs[0]].layout != .planar
    switch node.operation {
    case .relayout, .groupFactors: return [0]
    case .op(.groupNorm): return [0, 1]
    case .op(.convolution(let op)): return op.addsResidual ? [0, node.inputs.count - 1] : [0]
    case .op(.channelAffine), .op(.pooling), .op(.spatialMean), .op(.linear), .op(.resize),
      .op(.transposedConvolution):
      return [0]
    case .op(.unary), .op(.reduction): return isBlocked ? [0] : nil
    case .op(.binary):
      guard node.layout != .planar else { return nil }
      return node.inputs.indices.filter {
        let shape = graph.nodes[node.inputs[$0]].shape
        return shape.count == 4 && shape[0] == node.shape[0]
      }
    case .op(.concatenation): return node.layout != .planar ? Array(node.inputs.indices) : nil
    default: return nil
    }
  }

  /// The steps that compute one image; operands and result are those of a batch where they have an
  /// image stride.
  private mutating func imageSteps(
    _ node: PlannedGraph.Node, _ operands: [Location], result: Place
  ) throws(RuntimeError) -> [any Step] {
    let shape = node.shape.ofOneImage
    let op: Op
    switch node.operation {
    case .op(let own): op = own
    case .groupFactors(let op):
      return groupFactors(op, node, operands, result: result)
    case .relayout:
      return [
        RelayoutStep(
          kernels: kernels, source: operands[0], result: result, toBlocks: node.layout != .planar,
          channels: shape[1], plane: shape[2] * shape[3], isBfloat16: precision == .bfloat16)
      ]
    }
    switch op {
    case .convolution(let op): return [try convolution(op, node, operands, result: result)]
    case .transposedConvolution(let op):
      return [try transposedConvolution(op, node, operands, result: result)]
    case .channelAffine, .pooling, .spatialMean:
      return [try normalised(op, node, operands, result: result)]
    case .groupNorm(let op):
      return [
        GroupNormStep(
          op, image: operands[0], factors: operands[1], result: result,
          places: GroupFactors(shape), precision: precision, kernels: kernels)
      ]
    case .unary(let op):
      return [
        UnaryStep(
          op, operand: operands[0], result: result, shape: shape, layout: node.layout,
          kernels: kernels)
      ]
    case .binary(let op):
      let sources = zip(node.inputs, operands).map { input, location in
        CombineStep.Operand(
          location: location, shape: graph.nodes[input].shape, layout: graph.nodes[input].layout)
      }
      return [
        try CombineStep(
          op, sources[0], sources[1], result: result, shape: node.shape, precision: precision,
          kernels: kernels)
      ]
    case .reduction(let op):
      return [
        ReductionStep(
          op, image: operands[0], result: result,
          shape: graph.nodes[node.inputs[0]].shape.ofOneImage, precision: precision,
          kernels: kernels)
      ]
    case .linear:
      return [
        LinearStep(
          features: operands[0], weight: operands[1], bias: operands[2], result: result,
          weightShape: graph.nodes[node.inputs[1]].shape, kernels: kernels)
      ]
    case .resize(let op):
      guard
        let step = try ResizeStep(
          op, image: operands[0], result: result,
          imageShape: graph.nodes[node.inputs[0]].shape.ofOneImage, resultShape: shape,
          layout: node.layout, kernels: kernels)
      else {
        throw unsupported(node, "a result of more than \(ResizeStep.mostExtent) rows or columns")
      }
      return [step]
    case .concatenation:
      return blockedConcatenation(node, operands, result: result)
    default: throw unsupported(node, "it has no step for one image")
    }
  }

  func unsupported(_ node: PlannedGraph.Node, _ reason: String) -> RuntimeError {
    .unsupported(op: node.opName, label: node.label, reason: reason)
  }
}

extension Shape {
  /// The shape of one image of a batch.
  var ofOneImage: Shape { Shape([1] + dropFirst()) }
}
