import Converter
import GraphIR

/// Compares what a TorchScript archive's code does with the graph of an architecture.
///
/// - Returns: nil where it is the same, or where there is nothing to compare.
func otherCode(
  in listing: FileListing, than architecture: RegisteredArchitecture, _ graph: Graph
) -> ZooError? {
  guard listing.kind == FileKind.torchScript.rawValue,
    let endpoint = architecture.scriptedEndpoint.flatMap({ graph.endpoints[$0] })
  else { return nil }
  do throws(CheckpointError) {
    switch try ScriptTrace.follow(contentsOf: listing.path) {
    case .success(let trace):
      let comparison = CodeComparison(graph: graph, trace: trace) { name in
        guard name.hasPrefix(listing.strippedPrefix),
          case .parameter(let canonical) = architecture.role(
            ofKey: String(name.dropFirst(listing.strippedPrefix.count)))
        else { return nil }
        return canonical
      }
      return comparison.difference(at: endpoint).map {
        .otherCode(file: listing.path, architecture: architecture.id, $0)
      }
    case .failure(let problem):
      return .unreadableCode(
        file: listing.path, architecture: architecture.id, reason: problem.description)
    }
  } catch {
    return .unreadableCode(
      file: listing.path, architecture: architecture.id, reason: "cannot be read (\(error))")
  }
}

/// A graph beside the calls of PyTorch's operators that should be the same network.
struct CodeComparison {
  let graph: Graph
  let trace: ScriptTrace
  /// The canonical name of a tensor of the module.
  let canonicalName: (String) -> String?

  /// A value of the graph and the tensor that should be it.
  typealias Pair = (value: Graph.Value, node: Int)

  /// Walks from an endpoint and from the result of the code to the input, and stops at the first
  /// difference.
  func difference(at endpoint: Graph.Value) -> CodeDifference? {
    var partners = [Int: Int]()
    var pairs: [Pair] = [(endpoint, trace.result)]
    while let pair = pairs.popLast() {
      if let partner = partners[pair.value.index] {
        if partner == pair.node { continue }
        return difference(pair)
      }
      partners[pair.value.index] = pair.node
      guard let operands = operands(of: pair) else { return difference(pair) }
      pairs += operands.reversed()
    }
    return nil
  }

  /// The operands of both sides, each beside its partner; nil where the two are not the same op.
  private func operands(of pair: Pair) -> [Pair]? {
    let node = graph[pair.value]
    let call: ScriptCall
    switch (node.op, trace.nodes[pair.node]) {
    case (.input, .input): return []
    case (.parameter(let parameter), .parameter(let name)):
      return canonicalName(name) == parameter.name ? [] : nil
    case (_, .call(let name, let arguments, let keywords)):
      call = ScriptCall(trace: trace, name: name, arguments: arguments, keywords: keywords)
    default: return nil
    }
    if case .binary(let op) = node.op, node.inputs.count == 2 {
      guard let (a, b) = call.operands(of: op) else { return nil }
      let (first, second) = (node.inputs[0], node.inputs[1])
      // The order of the operands of a sum is nobody's concern.
      let isSwapped = !(fits(first, a) && fits(second, b)) && fits(first, b) && fits(second, a)
      return isSwapped ? [(first, b), (second, a)] : [(first, a), (second, b)]
    }
    guard let found = call.operands(of: node.op, isPixel: node.inputs.first.map(isPixel) ?? false),
      found.count == node.inputs.count
    else { return nil }
    return Array(zip(node.inputs, found)).map { ($0, $1) }
  }

  /// Whether two values may be the same, judged by what makes them.
  private func fits(_ value: Graph.Value, _ node: Int) -> Bool {
    if case .binary(let op) = graph[value].op,
      case .call(let name, let arguments, let keywords) = trace.nodes[node]
    {
      return ScriptCall(trace: trace, name: name, arguments: arguments, keywords: keywords)
        .operands(of: op) != nil
    }
    return operands(of: (value, node)) != nil
  }

  /// Whether a value is an image of one pixel whatever the input's size is.
  private func isPixel(_ value: Graph.Value) -> Bool {
    switch graph[value].op {
    case .reduction(let op): op.axes == [2, 3]
    case .concatenation(let op): op.axis == 1 && graph[value].inputs.allSatisfy(isReduced)
    default: false
    }
  }

  private func isReduced(_ value: Graph.Value) -> Bool {
    if case .reduction(let op) = graph[value].op { op.axes == [2, 3] } else { false }
  }

  private func difference(_ pair: Pair) -> CodeDifference {
    let node = graph[pair.value]
    let attributes = node.op.attributes
    let expected = [type(of: attributes).name, attributes.detail].filter { !$0.isEmpty }
    return CodeDifference(
      layer: node.label, expected: expected.joined(separator: " "), found: words(pair.node))
  }

  /// A tensor as the code makes it.
  private func words(_ node: Int) -> String {
    switch trace.nodes[node] {
    case .input: "its input"
    case .parameter(let name): "its tensor \(name)"
    case .unknown: "something that is not followed"
    case .call(let name, let arguments, let keywords):
      ScriptCall(trace: trace, name: name, arguments: arguments, keywords: keywords).words
    }
  }
}
