import GraphIR

/// An ONNX model's graph as JSON, for native files; tensors are named and kept beside it.
///
/// Objects: the model `{opset, producer, graph}`; a graph `{inputs, outputs, nodes, initializers}`
/// where `initializers` gives the tensor of each name; a value `{name, dtype, shape}` whose extents
/// are numbers, names or null; a node `{op, name, inputs, outputs, attributes}`; an attribute
/// `{int: 1}`, `{float: 0.5}`, `{string: "…"}`, `{ints: […]}`, `{floats: […]}`, `{strings: […]}`,
/// `{tensor: "its name"}` or `{graph: {…}}`. Numbers that JSON lacks are the texts `nan`, `inf` and
/// `-inf`.
struct ONNXJSONWriter {
  /// The tensors met so far, by the names they are kept under.
  private(set) var tensors: [(name: String, tensor: Tensor)] = []
  private var taken: Set<String> = []

  /// What safetensors files allow for a name.
  private static let longestName = 1024

  mutating func model(_ model: ONNXModel) -> JSONValue {
    var members: [String: JSONValue] = [
      "opset": .integer(model.opset), "graph": graph(model.graph),
    ]
    members["producer"] = model.producer.map { .string($0) }
    return .object(members)
  }

  private mutating func graph(_ graph: ONNXGraph) -> JSONValue {
    // In the order of their names, so that the same model gives the same bytes.
    var initializers = [String: JSONValue]()
    for (name, tensor) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      initializers[name] = .string(keep(tensor, as: name))
    }
    return .object([
      "inputs": .array(graph.inputs.map(\.json)), "outputs": .array(graph.outputs.map(\.json)),
      "nodes": .array(graph.nodes.map { node($0) }), "initializers": .object(initializers),
    ])
  }

  private mutating func node(_ node: ONNXNode) -> JSONValue {
    var members: [String: JSONValue] = [
      "op": .string(node.op), "inputs": .array(node.inputs.map { .string($0) }),
      "outputs": .array(node.outputs.map { .string($0) }),
    ]
    if !node.name.isEmpty { members["name"] = .string(node.name) }
    if !node.attributes.isEmpty {
      var attributes = [String: JSONValue]()
      for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
        attributes[name] = self.attribute(attribute, of: node)
      }
      members["attributes"] = .object(attributes)
    }
    return .object(members)
  }

  private mutating func attribute(_ attribute: ONNXAttribute, of node: ONNXNode) -> JSONValue {
    switch attribute {
    case .int(let value): .object(["int": .integer(value)])
    case .float(let value): .object(["float": value.json])
    case .string(let value): .object(["string": .string(value)])
    case .ints(let values): .object(["ints": .array(values.map { .integer($0) })])
    case .floats(let values): .object(["floats": .array(values.map(\.json))])
    case .strings(let values): .object(["strings": .array(values.map { .string($0) })])
    case .tensor(let tensor):
      .object(["tensor": .string(keep(tensor, as: node.outputs.first ?? node.name))])
    case .graph(let graph): .object(["graph": self.graph(graph)])
    }
  }

  private mutating func keep(_ tensor: Tensor, as name: String) -> String {
    var unique = name
    if !(1...Self.longestName).contains(name.utf8.count) || name == "__metadata__"
      || taken.contains(name)
    {
      unique = "tensor-\(tensors.count)"
      while taken.contains(unique) { unique += "-" }
    }
    taken.insert(unique)
    tensors.append((unique, tensor))
    return unique
  }
}

extension ONNXValueInfo {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = ["name": .string(name)]
    members["dtype"] = dtype.map { .string($0.rawValue) }
    members["shape"] = extents.map { extents in
      .array(
        extents.map {
          switch $0 {
          case .fixed(let extent): .integer(extent)
          case .named(let name): .string(name)
          case .unknown: .null
          }
        })
    }
    return .object(members)
  }
}

extension Float {
  fileprivate var json: JSONValue {
    if isNaN { return .string("nan") }
    if isInfinite { return .string(self < 0 ? "-inf" : "inf") }
    return .number(Double(self))
  }
}

extension ONNXModel {
  /// The graph as JSON, and the tensors it names.
  package func json() -> (graph: JSONValue, tensors: [(name: String, tensor: Tensor)]) {
    var writer = ONNXJSONWriter()
    let graph = writer.model(self)
    return (graph, writer.tensors)
  }
}
