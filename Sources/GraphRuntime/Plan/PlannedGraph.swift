import GraphIR

/// A graph with the layout of each value settled, and a change of layout wherever an operation
/// wants an operand in another one than it was made in.
///
/// Convolutions make blocked images, everything between them keeps what it gets: inside a network
/// nothing changes its layout.
package struct PlannedGraph: Sendable {
  /// What a node does.
  package enum Operation: Sendable {
    case op(Op)
    /// What each channel of an image is multiplied with, and what is added, to be normalised; see
    /// `GroupFactors`.
    case groupFactors(GroupNorm)
    /// Brings its operand into the node's layout.
    case relayout
  }

  /// One operation applied to earlier nodes.
  package struct Node: Sendable {
    package let operation: Operation
    package let inputs: [Int]
    package let label: String
    package let shape: Shape
    package let layout: Layout
    /// How a convolution is computed.
    package let path: ConvolutionPath?
  }

  package private(set) var nodes: [Node] = []
  /// The nodes that callers ask for, by endpoint, all planar.
  package private(set) var endpoints: [String: Int] = [:]

  private var relayouts: [Key: Int] = [:]
  private struct Key: Hashable {
    let node: Int
    let layout: Layout
  }

  /// Settles the layouts of an optimised graph.
  ///
  /// - Parameters:
  ///   - graph: what the passes have left.
  ///   - shapes: each value's shape, by index.
  ///   - precision: the numbers of blocked images.
  ///   - kernels: what there is to compute with.
  ///   - preferred: how convolutions are to be computed where that way is possible.
  package init(
    _ graph: Graph, shapes: [Shape], precision: Precision, kernels: Kernels,
    preferred: ConvolutionPath? = nil
  ) {
    let blocked = Layout.blocked(precision)
    var places = [Int]()
    for value in graph.values {
      let node = graph[value]
      let shape = shapes[value.index]
      var inputs = node.inputs.map { places[$0.index] }
      var layout = Layout.planar
      var path: ConvolutionPath?
      // Operands that want another layout than the node's result.
      var wanted: [Layout]?
      switch node.op {
      case .convolution(let op):
        let operands = op.operands(inputs)
        let convolution = ConvolutionShape(
          op, image: nodes[operands.image].shape, weight: nodes[operands.weight].shape,
          result: shape, isPlanar: nodes[operands.image].layout == .planar)
        var chosen =
          preferred.flatMap { convolution.allows($0) ? $0 : nil }
          ?? convolution.path(precision, kernels: kernels)
        // What is computed on the way cannot be packed beforehand.
        let packed = [operands.weight, operands.bias].compactMap { $0 }
        if !packed.allSatisfy({ nodes[$0].isConstant }) { chosen = .matrix }
        path = chosen
        layout = chosen == .matrix ? .planar : blocked
        wanted = inputs.map { _ in .planar }
        if chosen != .planar { wanted?[0] = layout }
        if op.addsResidual { wanted?[inputs.count - 1] = layout }
      case .transposedConvolution(let op):
        let convolution = TransposedShape(
          op, image: nodes[inputs[0]].shape, weight: nodes[inputs[1]].shape, result: shape)
        let isKnown = inputs.dropFirst().allSatisfy { nodes[$0].isConstant }
        layout = convolution.isBlocked && isKnown ? blocked : .planar
        wanted = inputs.indices.map { $0 == 0 ? layout : .planar }
      case .channelAffine, .unary, .resize:
        // Scale and shift of blocks are packed beforehand.
        let isKnown = inputs.dropFirst().allSatisfy { nodes[$0].isConstant }
        layout = isKnown ? nodes[inputs[0]].layout : .planar
        wanted = inputs.indices.map { $0 == 0 ? layout : .planar }
      case .groupNorm(let op):
        layout = blocked
        let image = bring(inputs[0], into: blocked)
        let vectors = inputs.dropFirst().map { bring($0, into: .planar) }
        let factors = append(
          .groupFactors(op), [image] + vectors, GroupFactors(shape).valueShape, node.label)
        inputs = [image, factors]
        wanted = [blocked, .planar]
      case .pooling(let op):
        layout = op.prologue == nil ? nodes[inputs[0]].layout : blocked
        wanted = inputs.indices.map { $0 == 0 ? layout : .planar }
      case .spatialMean(let op):
        let image = op.prologue == nil ? nodes[inputs[0]].layout : blocked
        wanted = inputs.indices.map { $0 == 0 ? image : .planar }
      case .reduction(let op):
        if op.isOverPixels { layout = nodes[inputs[0]].layout }
        if layout == .planar {
          for pass in op.passesBefore(shape: nodes[inputs[0]].shape) {
            inputs = [
              append(
                .op(.reduction(pass.op)), [bring(inputs[0], into: .planar)], pass.result,
                node.label)
            ]
          }
        }
      case .binary:
        let operands = inputs.map { (shape: nodes[$0].shape, layout: nodes[$0].layout) }
        guard let kinds = BlockBroadcast.ofOperands(operands, result: shape) else { break }
        layout = blocked
        wanted = zip(kinds, inputs).map { kind, input in
          // Vectors that are there from the beginning are packed once; maps are read as they lie.
          let isPacked =
            kind == .vector && nodes[input].isConstant
            && nodes[input].shape.elementCount == shape[1]
          let staysAsItIs = kind == .map || isPacked
          return staysAsItIs ? nodes[input].layout : blocked
        }
      case .concatenation(let op):
        let isBlocked = inputs.contains { nodes[$0].layout != .planar }
        if isBlocked, op.axis == 1, shape.count == 4 { layout = blocked }
      default: break
      }
      var planned = [Int]()
      for (index, input) in inputs.enumerated() {
        planned.append(bring(input, into: wanted?[index] ?? layout))
      }
      places.append(nodes.count)
      nodes.append(
        Node(
          operation: .op(node.op), inputs: planned, label: node.label, shape: shape,
          layout: layout, path: path))
    }
    for (name, value) in graph.endpoints.sorted(by: { $0.key < $1.key }) {
      endpoints[name] = bring(places[value.index], into: .planar)
    }
  }

  /// Adds a node that makes a planar value.
  private mutating func append(
    _ operation: Operation, _ inputs: [Int], _ shape: Shape, _ label: String
  ) -> Int {
    nodes.append(
      Node(
        operation: operation, inputs: inputs, label: label, shape: shape, layout: .planar,
        path: nil))
    return nodes.count - 1
  }

  private mutating func bring(_ node: Int, into layout: Layout) -> Int {
    if nodes[node].layout == layout { return node }
    let key = Key(node: node, layout: layout)
    if let known = relayouts[key] { return known }
    // Blocks are of images: an operand of fewer axes is one as it is broadcast.
    let shape = nodes[node].shape.withLeadingOnes(4)
    nodes.append(
      Node(
        operation: .relayout, inputs: [node], label: nodes[node].label, shape: shape,
        layout: layout, path: nil))
    relayouts[key] = nodes.count - 1
    return nodes.count - 1
  }
}

extension PlannedGraph.Node {
  var isConstant: Bool { if case .op(.constant) = operation { true } else { false } }
  var isInput: Bool { if case .op(.input) = operation { true } else { false } }

  /// Where the elements of the result lie in an operand of this shape; nil for what computes.
  func elements(of operand: Shape) -> StridedWalk.Operand? {
    switch operation {
    case .op(.reshape): StridedWalk.Operand(steps: shape.rowMajorSteps)
    case .op(.transpose(let op)): op.elements(of: operand)
    case .op(.slicing(let op)): op.elements(of: operand)
    case .op(.broadcast(let op)): op.elements(of: operand)
    // With nothing put around it stays as it is.
    case .op(.pad) where operand == shape: StridedWalk.Operand(steps: shape.rowMajorSteps)
    default: nil
    }
  }

  /// The element of an operand of this shape from which on the result lies there as it is; nil for
  /// what has to be copied or computed.
  func firstElement(in operand: Shape) -> Int? {
    guard let elements = elements(of: operand) else { return nil }
    let walk = StridedWalk(result: shape, operands: [elements])
    return walk.isContiguous ? walk.starts[0] : nil
  }

  /// The op's name for messages and profiles.
  var opName: String {
    switch operation {
    case .op(let op): type(of: op.attributes).name
    case .groupFactors: GroupNorm.name
    case .relayout: "relayout"
    }
  }
}
