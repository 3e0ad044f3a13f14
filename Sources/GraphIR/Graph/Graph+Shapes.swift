extension Graph {
  /// Throws `GraphError` where a name is not that of an input.
  package func checkInputNames(_ names: some Sequence<String>) throws(GraphError) {
    let known = inputs.map(\.name)
    for name in names where !known.contains(name) {
      throw GraphError(.unknownInput(name, known: known))
    }
  }

  /// Infers the shape of every value, by index, from the shapes of the inputs.
  ///
  /// - Parameter inputs: a shape for every input of the graph, by name.
  /// - Returns: the shapes, none with more than `Int32.max` elements or eight axes.
  /// - Throws: `GraphError` where an input is missing or unknown, a shape does not fit an op, or a
  ///   value would be too large.
  public func shapes(inputs: [String: Shape]) throws(GraphError) -> [Shape] {
    try checkInputNames(inputs.keys)
    var shapes = [Shape]()
    shapes.reserveCapacity(nodes.count)
    for node in nodes {
      do throws(ShapeProblem) {
        let shape: Shape
        if case .input(let input) = node.op {
          guard let given = inputs[input.name] else { throw .missingInput(input.name) }
          shape = try input.checked(given)
        } else {
          shape = try node.op.attributes.outputShape(of: node.inputs.map { shapes[$0.index] })
        }
        guard shape.count <= Shape.mostAxes else { throw .tooManyAxes(shape) }
        guard shape.isComputable else { throw .tooLarge(shape) }
        shapes.append(shape)
      } catch {
        throw GraphError(.shape(error), at: node)
      }
    }
    return shapes
  }
}
