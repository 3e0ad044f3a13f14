/// Computes once what depends on constants alone.
public struct FoldConstants: Pass {
  /// The pass' name in messages.
  public let name = "fold constants"

  /// Creates the pass.
  public init() {}

  /// Replaces a node of constant operands by its value.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    let node = view[value]
    guard !node.inputs.isEmpty else { return nil }
    var operands = [Tensor]()
    for input in node.inputs {
      guard let constant = view.constant(input) else { return nil }
      operands.append(constant)
    }
    let attributes = node.op.attributes
    guard let shape = try? attributes.outputShape(of: operands.map(\.shape)),
      operands.canBecome(shape), let result = attributes.evaluate(operands)
    else { return nil }
    // Weights in a file are there twice otherwise, until all of a network's are folded.
    for operand in operands { operand.discardPages() }
    return Patch(in: view) { builder in builder.constant(result, label: node.label) }
  }
}

extension [Tensor] {
  /// Whether a constant of this shape in the place of these is worth its memory: a small file may
  /// ask for a large one.
  package func canBecome(_ shape: Shape) -> Bool {
    guard shape.isComputable else { return false }
    // 16 KB, or no more than there is anyway.
    return shape.elementCount <= Swift.max(1 << 12, reduce(0) { $0 + $1.shape.elementCount })
  }
}

extension Graph {
  /// The graph with weights in the place of its parameters.
  ///
  /// - Parameter weights: a tensor of real numbers for every parameter, by name; others are
  ///   ignored.
  /// - Returns: the graph, complete in itself.
  /// - Throws: `GraphError` where a weight is missing or has another shape or a complex type.
  public func binding(_ weights: [String: Tensor]) throws(GraphError) -> Graph {
    var bound = [Node]()
    bound.reserveCapacity(nodes.count)
    for node in nodes {
      guard case .parameter(let parameter) = node.op else {
        bound.append(node)
        continue
      }
      guard let tensor = weights[parameter.name] else {
        throw GraphError(.missingParameter, at: node)
      }
      guard tensor.shape == parameter.shape else {
        throw GraphError(
          .parameterShape(expected: parameter.shape, found: tensor.shape), at: node)
      }
      guard tensor.dtype != .complex64, tensor.dtype != .complex128 else {
        throw GraphError(.parameterType(tensor.dtype), at: node)
      }
      bound.append(Node(op: .constant(Constant(tensor: tensor)), inputs: [], label: node.label))
    }
    return try Graph(nodes: bound, endpoints: endpoints)
  }
}
