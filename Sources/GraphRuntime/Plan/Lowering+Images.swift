import GraphIR

extension Lowering {
  /// Ops that may normalise their image as they read it, and the normalisation alone.
  mutating func normalised(
    _ op: Op, _ node: PlannedGraph.Node, _ operands: [Location], result: Place
  ) throws(RuntimeError) -> any Step {
    let isBlocked = graph.nodes[node.inputs[0]].layout != .planar
    let image = graph.nodes[node.inputs[0]].shape.ofOneImage
    let shape = node.shape.ofOneImage
    if isBlocked, operands.count == 3 {
      try requireConstant(Prologue(scale: operands[1], shift: operands[2]), of: node)
    }
    switch op {
    case .channelAffine(let op):
      guard isBlocked else {
        return PlanarAffineStep(
          op, image: operands[0], scale: operands[1], shift: operands[2], result: result,
          shape: shape, kernels: kernels)
      }
      let affine = try Affine(
        Prologue(scale: operands[1], shift: operands[2]), op.activation, channels: shape[1],
        in: packing.memory)
      return AffineStep(
        affine, image: operands[0], result: result, shape: shape, precision: precision,
        kernels: kernels)
    case .pooling(let op):
      let named = op.operands(operands)
      guard isBlocked else {
        return PlanarPoolingStep(
          op, image: named.image, result: result, imageShape: image, resultShape: shape,
          kernels: kernels)
      }
      return try PoolingStep(
        op, operands: named, result: result, imageShape: image, resultShape: shape,
        precision: precision, kernels: kernels, memory: packing.memory)
    case .spatialMean(let op):
      let named = op.operands(operands)
      guard isBlocked else {
        return PlanarMeanStep(kernels: kernels, image: named.image, result: result, shape: image)
      }
      return try SpatialMeanStep(
        op, operands: named, result: result, shape: image, precision: precision, kernels: kernels,
        memory: packing.memory)
    default: throw unsupported(node, "it normalises no image")
    }
  }

  /// The statistics of an image, strip by strip, and what they come to.
  func groupFactors(
    _ op: GroupNorm, _ node: PlannedGraph.Node, _ operands: [Location], result: Place
  ) -> [any Step] {
    let places = GroupFactors(graph.nodes[node.inputs[0]].shape.ofOneImage)
    return [
      GroupMomentsStep(
        image: operands[0], result: result, places: places, precision: precision,
        kernels: kernels),
      GroupFactorsStep(
        op, gamma: operands[1], beta: operands[2], result: result, places: places),
    ]
  }

  /// Refuses scales and shifts that are computed on the way: they are packed beforehand.
  func requireConstant(
    _ prologue: Prologue<Location>?, of node: PlannedGraph.Node
  ) throws(RuntimeError) {
    guard let prologue else { return }
    guard prologue.scale.constant != nil, prologue.shift.constant != nil else {
      throw unsupported(node, "its scale and shift are not constant")
    }
  }

  /// What could not be written in place of a concatenation of images in blocks.
  func blockedConcatenation(
    _ node: PlannedGraph.Node, _ operands: [Location], result: Place
  ) -> [any Step] {
    let offsets = Placement.offsets(of: node, axis: 1, in: graph)
    var parts = [PlaceStep.Part]()
    var before = 0
    for (index, operand) in operands.enumerated() {
      let channels = graph.nodes[node.inputs[index]].shape[1]
      defer { before += channels }
      if isInPlace(operand, result, offsets[index]) { continue }
      parts.append(PlaceStep.Part(source: operand, firstChannel: before, channels: channels))
    }
    guard !parts.isEmpty else { return [] }
    return [
      PlaceStep(
        kernels: kernels, parts: parts, result: result, plane: node.shape[2] * node.shape[3],
        isBfloat16: precision == .bfloat16)
    ]
  }

  /// Whether an operand was written where a concatenation has it, so many bytes behind its start.
  func isInPlace(_ operand: Location, _ result: Place, _ offset: Int?) -> Bool {
    if case .arena(let place) = operand, let offset {
      place.offset == result.offset + offset
    } else {
      false
    }
  }
}
