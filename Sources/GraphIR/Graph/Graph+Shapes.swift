extension Graph {
  /// Infers the shape of every value, by index, from the shapes of the inputs.
  ///
  /// - Parameter inputs: a shape for every input of the graph, by name.
  /// - Throws: `GraphError` where an input is missing or unknown, or a shape does not fit an op.
  public func shapes(inputs: [String: Shape]) throws(GraphError) -> [Shape] {
    for name in inputs.keys where !self.inputs.contains(where: { $0.name == name }) {
      throw GraphError(.unknownInput(name, known: self.inputs.map(\.name)))
    }
    var shapes = [Shape]()
    shapes.reserveCapacity(nodes.count)
    for node in nodes {
      do throws(ShapeProblem) {
        if case .input(let input) = node.op {
          guard let shape = inputs[input.name] else {
            throw .missingInput(input.name)
          }
          shapes.append(try input.checked(shape))
        } else {
          shapes.append(
            try node.op.attributes.outputShape(of: node.inputs.map { shapes[$0.index] }))
        }
      } catch {
        throw GraphError(.shape(error), at: node)
      }
    }
    return shapes
  }
}
