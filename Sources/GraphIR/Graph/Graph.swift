/// A static computation: nodes in an order in which each needs only earlier ones, and named
/// endpoints that a caller can ask for.
///
/// A graph knows neither batch size nor image size: shapes follow from the concrete input shape
/// (`shapes(inputs:)`). It is a value; passes make new graphs.
public struct Graph: Sendable {
  /// One result of the graph, named by the node that makes it.
  public struct Value: Hashable, Sendable {
    /// The position of the making node in `Graph.nodes`.
    public let index: Int
    package init(_ index: Int) { self.index = index }
  }

  /// One operation applied to earlier values.
  public struct Node: Sendable {
    /// What is computed.
    public let op: Op
    /// The operands, all of lower index.
    public let inputs: [Value]
    /// Where the node comes from, such as `features.denseblock1.denselayer2.conv1`.
    public let label: String
  }

  /// The operations in execution order.
  public let nodes: [Node]
  /// The values that a caller can ask for, by name.
  public let endpoints: [String: Value]

  /// Checks and takes over nodes.
  ///
  /// - Throws: `GraphError` where a node uses a later value, has a wrong number of operands, or
  ///   where two inputs or parameters share a name.
  public init(nodes: [Node], endpoints: [String: Value]) throws(GraphError) {
    self.nodes = nodes
    self.endpoints = endpoints
    try verify()
  }

  /// The node that makes a value.
  public subscript(value: Value) -> Node { nodes[value.index] }

  /// All values in execution order.
  public var values: [Value] { nodes.indices.map(Value.init) }
}

extension Graph {
  /// The inputs that a caller must supply, in order of appearance.
  public var inputs: [Input] {
    nodes.compactMap { if case .input(let input) = $0.op { input } else { nil } }
  }

  /// The weights that the graph needs, in order of appearance.
  public var parameters: [Parameter] {
    nodes.compactMap { if case .parameter(let parameter) = $0.op { parameter } else { nil } }
  }

  /// Whether each value depends on an input of the graph, by index.
  package var needsInput: [Bool] {
    var needs = [Bool]()
    for node in nodes {
      if case .input = node.op {
        needs.append(true)
      } else {
        needs.append(node.inputs.contains { needs[$0.index] })
      }
    }
    return needs
  }

  /// How many nodes and endpoints use each value, by index.
  public var useCounts: [Int] {
    var counts = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for input in node.inputs { counts[input.index] += 1 } }
    for value in endpoints.values { counts[value.index] += 1 }
    return counts
  }
}
