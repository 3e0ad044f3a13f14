extension Graph {
  /// Checks what every graph promises: operands come first, operand counts fit the ops, names of
  /// inputs and of parameters are unique, endpoints exist.
  ///
  /// - Throws: `GraphError`, naming the node at fault.
  public func verify() throws(GraphError) {
    var names = Set<String>()
    for (index, node) in nodes.enumerated() {
      let attributes = node.op.attributes
      for input in node.inputs where input.index < 0 || input.index >= index {
        throw GraphError(.operandOrder(input.index), at: node)
      }
      guard attributes.operandCounts.contains(node.inputs.count) else {
        throw GraphError(.operandCount(node.inputs.count, attributes.operandCounts), at: node)
      }
      switch node.op {
      case .input(let input):
        guard names.insert("input " + input.name).inserted else {
          throw GraphError(.duplicateName(input.name), at: node)
        }
      case .parameter(let parameter):
        guard names.insert("parameter " + parameter.name).inserted else {
          throw GraphError(.duplicateName(parameter.name), at: node)
        }
      default: break
      }
    }
    for (name, value) in endpoints where !nodes.indices.contains(value.index) {
      throw GraphError(.danglingEndpoint(name))
    }
  }
}
