extension Graph {
  /// The graph that computes only some endpoints: every node they do not need is gone.
  ///
  /// - Parameter names: the endpoints to keep; all where nil.
  /// - Returns: a graph of the same values with fewer nodes.
  /// - Throws: `GraphError` where a name is not an endpoint.
  public func pruned(to names: [String]? = nil) throws(GraphError) -> Graph {
    var kept = endpoints
    if let names {
      for name in names where endpoints[name] == nil {
        throw GraphError(.unknownEndpoint(name, known: endpoints.keys.sorted()))
      }
      kept = endpoints.filter { names.contains($0.key) }
    }
    var needed = [Bool](repeating: false, count: nodes.count)
    for value in kept.values { needed[value.index] = true }
    for index in nodes.indices.reversed() where needed[index] {
      for input in nodes[index].inputs { needed[input.index] = true }
    }
    var renumbered = [Int](repeating: -1, count: nodes.count)
    var result = [Node]()
    for (index, node) in nodes.enumerated() where needed[index] {
      renumbered[index] = result.count
      result.append(
        Node(
          op: node.op, inputs: node.inputs.map { Value(renumbered[$0.index]) }, label: node.label))
    }
    return try Graph(nodes: result, endpoints: kept.mapValues { Value(renumbered[$0.index]) })
  }
}
