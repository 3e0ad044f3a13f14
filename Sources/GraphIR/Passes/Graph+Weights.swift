extension Graph {
  /// Finds what is worth computing once, before any input is there.
  ///
  /// - Parameter shapes: every value's shape, by index.
  /// - Returns: values that depend on no input, are not constants yet, and are used by what does
  ///   depend on one, or asked for.
  package func computedWeights(shapes: [Shape]) -> [Value] {
    let needsInput = needsInput
    var isUsed = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() where needsInput[index] {
      for input in node.inputs { isUsed[input.index] = true }
    }
    for value in endpoints.values { isUsed[value.index] = true }
    // A small file may ask for large constants: all together they get 16 MB, or as much as there is
    // anyway.
    let weightCount = nodes.reduce(0) { $0 + ($1.constant?.shape.elementCount ?? 0) }
    var left = max(weightCount, 1 << 22)
    return values.filter { value in
      guard isUsed[value.index], !needsInput[value.index], self[value].constant == nil,
        shapes[value.index].elementCount <= left
      else { return false }
      left -= shapes[value.index].elementCount
      return true
    }
  }

  /// The graph that computes some values alone, as endpoints named by their indices.
  package func computing(_ values: [Value]) throws(GraphError) -> Graph {
    let named = values.map { ("\($0.index)", $0) }
    return try Graph(
      nodes: nodes, endpoints: Dictionary(uniqueKeysWithValues: named)
    ).pruned()
  }

  /// The graph with constants in the place of some values; they have the values' indices as names.
  package func replacing(_ constants: [String: Tensor]) throws(GraphError) -> Graph {
    let replaced = nodes.enumerated().map { index, node in
      constants["\(index)"].map {
        Node(op: .constant(Constant(tensor: $0)), inputs: [], label: node.label)
      } ?? node
    }
    return try Graph(nodes: replaced, endpoints: endpoints).pruned()
  }
}
