/// A rewrite of a graph, seen from one value.
///
/// A pass never changes a graph by hand: it proposes a patch that computes the same value, or
/// nothing. All patches of one sweep look at the same old graph, so they cannot disturb each other;
/// all they learn of each other is which values have become constant.
public protocol Pass: Sendable {
  /// The pass' name in messages.
  var name: String { get }
  /// The nodes that shall compute `value` from now on, or nil to leave it.
  func patch(for value: Graph.Value, in view: GraphView) -> Patch?
}

/// A graph with what passes ask of it.
public struct GraphView {
  /// The graph as it stood before the sweep.
  public let graph: Graph
  private let shapes: [Shape]?
  private let useCounts: [Int]
  private let needsInput: [Bool]
  private var constants: [Tensor?]

  /// Creates a view; `shapes` are those of all values, where the inputs' are known.
  package init(_ graph: Graph, shapes: [Shape]? = nil) {
    self.graph = graph
    self.shapes = shapes
    useCounts = graph.useCounts
    needsInput = graph.needsInput
    constants = graph.nodes.map(\.constant)
  }

  /// The node that makes a value.
  public subscript(value: Graph.Value) -> Graph.Node { graph[value] }

  /// Whether one node alone uses a value, so that nobody misses it once that node is replaced.
  public func isUsedOnce(_ value: Graph.Value) -> Bool { useCounts[value.index] == 1 }

  /// A value that depends on no input and is known: a constant, or what a patch of this sweep has
  /// made one, so that a chain of operations folds in a single sweep.
  public func constant(_ value: Graph.Value) -> Tensor? { constants[value.index] }

  /// Whether a value depends on weights and literals alone, so that it is known once a session is
  /// compiled.
  public func isWeight(_ value: Graph.Value) -> Bool { !needsInput[value.index] }

  /// The shape of a value, or nil where the shapes of the graph's inputs are not known.
  ///
  /// A patch that rests on it is right for these inputs only.
  public func shape(of value: Graph.Value) -> Shape? { shapes?[value.index] }

  /// The shape of a weight, which no input can change; nil for anything else.
  public func weightShape(of value: Graph.Value) -> Shape? {
    switch self[value].op {
    case .parameter(let parameter): parameter.shape
    case .constant(let constant): constant.tensor.shape
    default: nil
    }
  }

  /// Remembers a patch of this sweep.
  mutating func note(_ patch: Patch, for value: Graph.Value) {
    let made = patch.result.index - graph.nodes.count
    if patch.nodes.indices.contains(made) { constants[value.index] = patch.nodes[made].constant }
  }
}

extension Graph.Node {
  /// The values of a constant; nil for anything else.
  package var constant: Tensor? {
    if case .constant(let constant) = op { constant.tensor } else { nil }
  }
}

/// Nodes that compute an existing value in another way.
public struct Patch {
  let nodes: [Graph.Node]
  let result: Graph.Value

  /// Builds the nodes of a patch, which may use any value that the replaced node could use.
  ///
  /// - Parameters:
  ///   - view: what the pass was given.
  ///   - build: adds nodes and returns the value that stands in for the replaced one.
  public init(
    in view: GraphView, _ build: (inout GraphBuilder) -> Graph.Value
  ) {
    var builder = GraphBuilder(continuing: view.graph.nodes.count)
    result = build(&builder)
    nodes = builder.nodes
  }
}
