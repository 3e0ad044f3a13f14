/// Passes in order, run until none has anything left to propose.
public struct PassPipeline: Sendable {
  /// The passes; print, cut or reorder them to find which one is at fault.
  public let passes: [any Pass]

  /// What a session applies before it plans memory: sizes become numbers, batch norms go, activations, normalisations
  /// and residual additions join the ops beside them, pooling comes before pointwise convolutions,
  /// and everything that depends on weights alone is computed once.
  public static let inference = PassPipeline([
    SettleSizes(), FoldBatchNormIntoConvolution(), LowerBatchNorm(), FuseActivation(),
    PoolBeforePointwise(), FuseInputNormalization(), FuseResidual(), FoldConstants(),
  ])

  /// Creates a pipeline.
  public init(_ passes: [any Pass]) { self.passes = passes }

  /// Rewrites a graph.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - inputs: the shapes of its inputs by name, or nil. Passes that rest on shapes
  ///     (`FuseResidual`) need them, and make a graph for inputs of these shapes alone.
  /// - Returns: a graph of the same endpoints.
  /// - Throws: `GraphError` where the shapes do not fit the graph, or where a pass made an
  ///   ill-formed graph, which is a bug in the pass.
  public func callAsFunction(
    _ graph: Graph, inputs: [String: Shape]? = nil
  ) throws(GraphError) -> Graph {
    var graph = graph
    var changed = true
    while changed {
      changed = false
      for pass in passes {
        while let next = try graph.swept(by: pass, inputs: inputs) {
          graph = next
          changed = true
        }
      }
    }
    return graph
  }
}

extension Graph {
  /// Applies all patches that a pass proposes, or returns nil where it proposes none.
  package func swept(
    by pass: some Pass, inputs: [String: Shape]? = nil
  ) throws(GraphError) -> Graph? {
    let shapes: [Shape]? = if let inputs { try self.shapes(inputs: inputs) } else { nil }
    var view = GraphView(self, shapes: shapes)
    let patches = values.map { value in
      let patch = pass.patch(for: value, in: view)
      if let patch { view.note(patch, for: value) }
      return patch
    }
    guard patches.contains(where: { $0 != nil }) else { return nil }

    var rebuilt = [Node]()
    var renumbered = [Value]()
    for (node, patch) in zip(nodes, patches) {
      guard let patch else {
        rebuilt.append(
          Node(op: node.op, inputs: node.inputs.map { renumbered[$0.index] }, label: node.label))
        renumbered.append(Value(rebuilt.count - 1))
        continue
      }
      let first = rebuilt.count
      func position(of value: Value) -> Value {
        value.index < nodes.count
          ? renumbered[value.index] : Value(first + value.index - nodes.count)
      }
      for added in patch.nodes {
        rebuilt.append(
          Node(op: added.op, inputs: added.inputs.map(position), label: added.label))
      }
      renumbered.append(position(of: patch.result))
    }
    return try Graph(
      nodes: rebuilt, endpoints: endpoints.mapValues { renumbered[$0.index] }
    ).pruned()
  }
}
