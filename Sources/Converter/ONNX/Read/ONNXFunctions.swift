import GraphIR

/// A graph as it stands in the file: ops of any domain, attributes that refer to a function's.
struct RawONNXGraph {
  var inputs: [ONNXValueInfo]
  var outputs: [ONNXValueInfo]
  var nodes: [RawONNXNode]
  var initializers: [String: Tensor]
}

/// A node as it stands in the file.
struct RawONNXNode {
  enum Attribute {
    case value(ONNXAttribute)
    case graph(RawONNXGraph)
    case reference(String)
  }

  var domain: String
  var op: String
  var overload: String
  var name: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: Attribute] = [:]
}

/// The functions that a file defines for itself, as PyTorch's exporter of 2.1 to 2.5 does for every
/// operation; each call is replaced by the function's nodes.
struct ONNXFunctions {
  struct Function {
    let domain: String
    let name: String
    let overload: String
    let inputs: [String]
    let outputs: [String]
    /// Attributes that a call may leave out.
    let defaults: [String: ONNXAttribute]
    let nodes: [RawONNXNode]
  }

  /// Calls within calls; exporters nest a few.
  private static let deepest = 32
  /// Bytes of all names that calls are given: a file may call one function with a long name often.
  private static let longestNames = 1 << 26

  private var functions: [String: Function] = [:]

  private static func key(_ domain: String, _ name: String, _ overload: String) -> String {
    "\(domain)\0\(name)\0\(overload)"
  }

  mutating func add(_ function: Function) {
    functions[Self.key(function.domain, function.name, function.overload)] = function
  }

  /// Replaces every call in a graph and its branches.
  func inline(_ graph: inout RawONNXGraph, nodeLimit: Int) throws(ONNXProblem) {
    guard !functions.isEmpty else { return }
    var expansion = Expansion(functions: self, nodeLimit: nodeLimit)
    graph.nodes = try expansion.expand(graph.nodes, in: Scope(), depth: 0)
  }

  /// What names and attributes mean inside a call.
  private struct Scope {
    /// Names of values outside for those inside.
    var names: [String: String] = [:]
    /// Put before names that are the function's own; nil at the top.
    var prefix: String?
    var attributes: [String: RawONNXNode.Attribute] = [:]

    /// A name as it is outside.
    func outer(_ name: String) -> String {
      guard let prefix, !name.isEmpty else { return name }
      return names[name] ?? prefix + name
    }
  }

  private struct Expansion {
    let functions: ONNXFunctions
    let nodeLimit: Int
    var nodeCount = 0
    var callCount = 0
    var nameBytes = 0

    mutating func expand(
      _ nodes: [RawONNXNode], in scope: Scope, depth: Int
    ) throws(ONNXProblem) -> [RawONNXNode] {
      var result = [RawONNXNode]()
      for node in nodes {
        var node = try resolved(node, in: scope, depth: depth)
        let key = ONNXFunctions.key(node.domain, node.op, node.overload)
        guard let function = functions.functions[key] else {
          nodeCount += 1
          guard nodeCount <= nodeLimit else { throw .limit("nodes", maximum: nodeLimit) }
          if scope.prefix != nil, node.name.isEmpty { node.name = node.outputs.first ?? "" }
          result.append(node)
          continue
        }
        guard depth < ONNXFunctions.deepest else { throw .recursiveFunction(function.name) }
        callCount += 1
        guard callCount <= nodeLimit else { throw .limit("calls", maximum: nodeLimit) }
        var inner = Scope(
          prefix: "call\(callCount)/",
          attributes: function.defaults.mapValues { .value($0) })
        inner.attributes.merge(node.attributes) { $1 }
        for (index, name) in function.inputs.enumerated() {
          inner.names[name] = node.inputs.indices.contains(index) ? node.inputs[index] : ""
        }
        for (index, name) in function.outputs.enumerated()
        where node.outputs.indices.contains(index) && !node.outputs[index].isEmpty {
          // An input that is handed on as it is cannot have two names.
          if inner.names[name] != nil {
            result.append(
              RawONNXNode(
                domain: "", op: "Identity", overload: "", name: node.name,
                inputs: [inner.outer(name)], outputs: [node.outputs[index]]))
          } else {
            inner.names[name] = node.outputs[index]
          }
        }
        result += try expand(function.nodes, in: inner, depth: depth + 1)
      }
      return result
    }

    /// A node with names and attributes as they are outside the function, its branches expanded.
    private mutating func resolved(
      _ node: RawONNXNode, in scope: Scope, depth: Int
    ) throws(ONNXProblem) -> RawONNXNode {
      var node = node
      if scope.prefix != nil {
        nameBytes += ([node.name] + node.inputs + node.outputs).reduce(0) { $0 + $1.utf8.count }
        guard nameBytes <= ONNXFunctions.longestNames else {
          throw .limit("bytes of names in calls", maximum: ONNXFunctions.longestNames)
        }
      }
      node.inputs = node.inputs.map(scope.outer)
      node.outputs = node.outputs.map(scope.outer)
      if let prefix = scope.prefix, !node.name.isEmpty { node.name = prefix + node.name }
      for (name, attribute) in node.attributes {
        switch attribute {
        case .value: break
        case .reference(let outer):
          // An attribute that the call leaves out is left out here too.
          node.attributes[name] = scope.attributes[outer]
        case .graph(var graph):
          graph.nodes = try expand(graph.nodes, in: scope, depth: depth)
          graph.outputs = graph.outputs.map {
            ONNXValueInfo(name: scope.outer($0.name), dtype: $0.dtype, extents: $0.extents)
          }
          graph.initializers = Dictionary(
            graph.initializers.map { (scope.outer($0.key), $0.value) }, uniquingKeysWith: { $1 })
          node.attributes[name] = .graph(graph)
        }
      }
      return node
    }
  }
}

extension RawONNXGraph {
  /// The same with ops as single names; those of other domains keep them in front, and no op of
  /// ours is named like that.
  func withoutDomains() -> ONNXGraph {
    ONNXGraph(
      inputs: inputs, outputs: outputs,
      nodes: nodes.map { node in
        ONNXNode(
          op: node.domain.isEmpty ? node.op : "\(node.domain)::\(node.op)", name: node.name,
          inputs: node.inputs, outputs: node.outputs,
          attributes: node.attributes.compactMapValues {
            switch $0 {
            case .value(let value): value
            case .graph(let graph): .graph(graph.withoutDomains())
            case .reference: nil
            }
          })
      }, initializers: initializers)
  }
}
