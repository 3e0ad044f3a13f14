/// Appends nodes one by one; each op's file adds a method for its op.
public struct GraphBuilder {
  package private(set) var nodes: [Graph.Node] = []
  private var endpoints: [String: Graph.Value] = [:]
  private let firstIndex: Int

  /// Creates an empty builder.
  public init() { self.init(continuing: 0) }

  /// Creates a builder whose nodes are numbered behind those of a graph: the nodes of a patch.
  init(continuing count: Int) { firstIndex = count }

  /// Appends a node.
  ///
  /// - Returns: the value that the node makes.
  public mutating func add(_ op: Op, _ inputs: Graph.Value..., label: String) -> Graph.Value {
    add(op, inputs, label: label)
  }

  /// Appends a node whose operands stand in an array.
  public mutating func add(_ op: Op, _ inputs: [Graph.Value], label: String) -> Graph.Value {
    nodes.append(Graph.Node(op: op, inputs: inputs, label: label))
    return Graph.Value(firstIndex + nodes.count - 1)
  }

  /// Names a value that callers can ask for; a second value of the same name replaces the first.
  public mutating func endpoint(_ name: String, _ value: Graph.Value) { endpoints[name] = value }

  /// The finished, verified graph.
  public func build() throws(GraphError) -> Graph {
    try Graph(nodes: nodes, endpoints: endpoints)
  }
}
