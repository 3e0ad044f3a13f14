import GraphIR

extension ONNXModel {
  /// Reads what `json()` gave.
  ///
  /// - Parameters:
  ///   - json: an ONNX model's graph.
  ///   - tensors: those it names.
  /// - Throws: `JSONFieldError`, naming the place in the JSON.
  package init(json: JSONValue, tensors: [String: Tensor]) throws {
    let fields = try JSONFields(json, at: "architecture.configuration")
    let opset = try fields.integer("opset")
    let known = Self.oldestOpset...Self.newestOpset
    guard known.contains(opset) else {
      throw JSONFieldError.wrongType(
        path: fields.path(of: "opset"), expected: "\(known.lowerBound) to \(known.upperBound)",
        found: "\(opset)")
    }
    let reader = ONNXJSONReader(tensors: tensors)
    self.init(
      opset: opset, graph: try reader.graph(fields.object("graph")),
      producer: try fields.optionalString("producer"))
  }
}

/// Reads graphs from JSON; nested ones by recursion, as deep as the JSON parser allows.
private struct ONNXJSONReader {
  let tensors: [String: Tensor]

  func graph(_ fields: JSONFields) throws -> ONNXGraph {
    let initializers = try fields.object("initializers")
    return ONNXGraph(
      inputs: try values("inputs", of: fields), outputs: try values("outputs", of: fields),
      nodes: try fields.array("nodes").enumerated().map { index, node in
        try self.node(JSONFields(node, at: "\(fields.path(of: "nodes"))[\(index)]"))
      },
      initializers: try Dictionary(
        uniqueKeysWithValues: initializers.members.map { name, tensor in
          (name, try self.tensor(tensor, at: initializers.path(of: name)))
        }))
  }

  private func values(_ key: String, of fields: JSONFields) throws -> [ONNXValueInfo] {
    try fields.array(key).enumerated().map { index, value in
      let fields = try JSONFields(value, at: "\(fields.path(of: key))[\(index)]")
      let path = fields.path(of: "shape")
      return ONNXValueInfo(
        name: try fields.string("name"), dtype: try dtype(fields),
        extents: try fields.optional("shape")?.array(at: path).map { extent in
          switch extent {
          case .null: return .unknown
          case .string(let name): return .named(name)
          default:
            let extent = try extent.integer(at: path)
            guard extent >= 0 else {
              throw JSONFieldError.wrongType(
                path: path, expected: "whole numbers of 0 or more", found: "\(extent)")
            }
            return .fixed(extent)
          }
        })
    }
  }

  private func dtype(_ fields: JSONFields) throws -> DType? {
    guard let name = try fields.optionalString("dtype") else { return nil }
    guard let dtype = DType(rawValue: name) else {
      throw JSONFieldError.wrongType(
        path: fields.path(of: "dtype"), expected: "an element type", found: "another word")
    }
    return dtype
  }

  private func node(_ fields: JSONFields) throws -> ONNXNode {
    func names(_ key: String) throws -> [String] {
      try fields.array(key).map { try $0.string(at: fields.path(of: key)) }
    }
    var attributes = [String: ONNXAttribute]()
    if let object = fields.optional("attributes") {
      let members = try JSONFields(object, at: fields.path(of: "attributes"))
      for (name, value) in members.members {
        attributes[name] = try attribute(JSONFields(value, at: members.path(of: name)))
      }
    }
    return ONNXNode(
      op: try fields.string("op"), name: try fields.optionalString("name") ?? "",
      inputs: try names("inputs"), outputs: try names("outputs"), attributes: attributes)
  }

  private func attribute(_ fields: JSONFields) throws -> ONNXAttribute {
    guard fields.members.count == 1, let (kind, value) = fields.members.first else {
      throw JSONFieldError.wrongType(
        path: fields.path, expected: "an object of one member",
        found: "one of \(fields.members.count)")
    }
    let path = fields.path(of: kind)
    switch kind {
    case "int": return .int(try value.integer(at: path))
    case "float": return .float(try float(value, at: path))
    case "string": return .string(try value.string(at: path))
    case "ints": return .ints(try value.array(at: path).map { try $0.integer(at: path) })
    case "floats": return .floats(try value.array(at: path).map { try float($0, at: path) })
    case "strings": return .strings(try value.array(at: path).map { try $0.string(at: path) })
    case "tensor": return .tensor(try tensor(value, at: path))
    case "graph": return .graph(try graph(JSONFields(value, at: path)))
    default:
      throw JSONFieldError.unknownKey(
        path: fields.path, key: kind,
        nearest: nearestName(
          to: kind,
          in: ["int", "float", "string", "ints", "floats", "strings", "tensor", "graph"]))
    }
  }

  private func float(_ value: JSONValue, at path: String) throws -> Float {
    switch value {
    case .string("nan"): .nan
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    default: Float(try value.number(at: path))
    }
  }

  private func tensor(_ value: JSONValue, at path: String) throws -> Tensor {
    let name = try value.string(at: path)
    guard let tensor = tensors[name] else {
      throw JSONFieldError.wrongType(
        path: path, expected: "the name of a tensor in the file", found: "\(quoted(name))")
    }
    return tensor
  }
}
