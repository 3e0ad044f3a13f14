import GraphIR

/// The nodes and initializers that a graph becomes, one op after another.
struct ONNXNodes {
  let graph: Graph
  let weights: [String: Tensor]
  let shapes: ExportedShapes
  let opset: Int

  private(set) var nodes: [ONNXNode] = []
  private(set) var initializers: [(name: String, tensor: Tensor)] = []
  /// The names of the inputs, in order of appearance.
  private(set) var inputs: [String] = []
  /// The names of the outputs, in the order asked for.
  private(set) var outputs: [String] = []

  private var unique = UniqueNames()
  /// The name under which each value is found, by index; a weight is written when it is first used.
  private var written: [String?] = []
  /// The names that weights will have.
  private var parameterNames: [String: String] = [:]
  /// The label of the node at hand, unique among labels.
  private var label = ""
  private var batchName: String?

  init(_ graph: Graph, weights: [String: Tensor], shapes: ExportedShapes, opset: Int) {
    (self.graph, self.weights, self.shapes, self.opset) = (graph, weights, shapes, opset)
  }

  /// Writes every node.
  ///
  /// - Parameter endpoints: the outputs, endpoints of the graph, in order.
  /// - Throws: `NeedsFixedSize` or `ONNXExportError`.
  mutating func write(outputs endpoints: [String]) throws {
    // Names that people ask for by name come before those that merely say where something is from.
    inputs = graph.inputs.map { unique.name($0.name) }
    outputs = endpoints.map { unique.name($0) }
    for parameter in graph.parameters {
      parameterNames[parameter.name] = unique.name(parameter.name)
    }
    var given = inputs[...]
    for value in graph.values {
      switch graph[value].op {
      case .input: written.append(given.removeFirst())
      case .parameter, .constant: written.append(nil)
      default:
        label = unique.name(graph[value].label)
        if shapes.isEmpty(value) {
          // Nothing is computed, and ONNX's rules for extents of 0 differ from op to op.
          written.append(numbers([], shape: shapes.shapes[value.index], "empty"))
          continue
        }
        let first = nodes.count
        let made = try write(graph[value])
        written.append(finish(value, made, isNew: nodes.count > first, endpoints))
      }
    }
    for (endpoint, output) in zip(endpoints, outputs) {
      guard let value = graph.endpoints[endpoint] else { continue }
      let made = name(value)
      if made != output {
        nodes.append(
          ONNXNode(
            op: "Identity", name: unique.name(output + "/Identity"), inputs: [made],
            outputs: [output]))
      }
    }
  }

  /// Gives the last node of an op its label, and its result the name of the first endpoint that it
  /// is, or else the label.
  private mutating func finish(
    _ value: Graph.Value, _ made: String, isNew: Bool, _ endpoints: [String]
  ) -> String {
    guard isNew, let last = nodes.last, last.outputs == [made] else { return made }
    let endpoint = endpoints.firstIndex { graph.endpoints[$0] == value }
    let result = endpoint.map { outputs[$0] } ?? label
    nodes[nodes.count - 1] = ONNXNode(
      op: last.op, name: label, inputs: last.inputs, outputs: [result],
      attributes: last.attributes)
    return result
  }

  private mutating func write(_ node: Graph.Node) throws -> String {
    let inputs = node.inputs
    return switch node.op {
    case .input, .parameter, .constant: preconditionFailure("has no operands")
    case .convolution(let op): convolution(op, inputs)
    case .transposedConvolution(let op): transposedConvolution(op, inputs)
    case .batchNorm(let op): batchNorm(op, inputs)
    case .channelAffine(let op): channelAffine(op, inputs)
    case .groupNorm(let op): groupNorm(op, inputs)
    case .unary(let op): unary(op.function, name(inputs[0]))
    case .binary(let op): binary(op.function, inputs)
    case .pooling(let op): try pooling(op, inputs)
    case .gridPooling, .pixelAxis: preconditionFailure("settled before it is written")
    case .spatialMean(let op): spatialMean(op, inputs)
    case .reduction(let op): reduction(op, inputs)
    case .resize(let op): try resize(op, inputs)
    case .concatenation(let op): concatenation(op, inputs)
    case .linear: linear(inputs)
    case .reshape(let op): reshape(op, inputs)
    case .transpose(let op): transpose(op, inputs)
    case .slicing(let op): slicing(op, inputs)
    case .pad(let op): try pad(op, inputs)
    case .broadcast(let op): broadcast(op, inputs)
    case .matrixProduct: add("MatMul", names(inputs))
    case .gather(let op): try gather(op, inputs)
    case .argExtremum(let op): argExtremum(op, inputs)
    case .select: select(inputs)
    }
  }
}

// What the ops' own files build with.
extension ONNXNodes {
  /// The name of a value, which is written now if it is a weight that was not needed yet.
  mutating func name(_ value: Graph.Value) -> String {
    if let name = written[value.index] { return name }
    guard let tensor = constant(value) else { preconditionFailure("used before it is made") }
    let wanted = graph[value].label
    let name: String
    if case .parameter(let parameter) = graph[value].op {
      name = parameterNames[parameter.name] ?? unique.name(wanted)
    } else {
      name = unique.name(wanted)
    }
    let result = write(tensor, named: name)
    written[value.index] = result
    return result
  }

  /// The names of operands; see `name(_:)`.
  mutating func names(_ values: [Graph.Value]) -> [String] { values.map { name($0) } }

  /// The numbers of a value that needs no computing.
  func constant(_ value: Graph.Value) -> Tensor? {
    switch graph[value].op {
    case .constant(let constant): constant.tensor
    case .parameter(let parameter): weights[parameter.name]
    default: nil
    }
  }

  /// The label of the node at hand, for messages.
  var place: String { label }

  /// Adds a node of one result.
  ///
  /// - Returns: the name of the result.
  mutating func add(
    _ op: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:]
  ) -> String {
    let name = unique.name("\(label)/\(op)")
    nodes.append(
      ONNXNode(op: op, name: name, inputs: inputs, outputs: [name], attributes: attributes))
    return name
  }

  /// Adds whole numbers as an initializer `[count]`.
  mutating func integers(_ values: [Int], _ part: String) -> String {
    let name = unique.name("\(label)/\(part)")
    initializers.append((name, Tensor(int64: values, shape: [values.count])))
    return name
  }

  /// Adds numbers as an initializer.
  mutating func numbers(_ values: [Float], shape: Shape = [], _ part: String) -> String {
    let name = unique.name("\(label)/\(part)")
    initializers.append((name, Tensor(shape: shape, values)))
    return name
  }

  /// Adds whole numbers of any shape as an initializer.
  mutating func integers(_ tensor: Tensor, _ part: String) -> String {
    let name = unique.name("\(label)/\(part)")
    initializers.append((name, tensor))
    return name
  }

  /// A tensor of one number, how many images there are.
  mutating func batch() -> String {
    if let batchName { return batchName }
    let shape = add("Shape", [inputs[0]])
    let first = integers([0], "first")
    let result = add("Gather", [shape, first], ["axis": .int(0)])
    batchName = result
    return result
  }

  /// Adds a weight as an initializer of its own type, and a cast where that is not float32.
  ///
  /// - Returns: the name of the float32 values.
  private mutating func write(_ tensor: Tensor, named name: String) -> String {
    let isFloat8 = tensor.dtype == .float8e4m3 || tensor.dtype == .float8e5m2
    if isFloat8, opset < Self.firstOpsetOfFloat8, let values = tensor.floats() {
      initializers.append((name, Tensor(shape: tensor.shape, values)))
      return name
    }
    initializers.append((name, tensor))
    guard tensor.dtype != .float32 else { return name }
    let cast = unique.name(name + "/Cast")
    nodes.append(
      ONNXNode(
        op: "Cast", name: cast, inputs: [name], outputs: [cast],
        attributes: ["to": .int(ONNXElementType.float32)]))
    return cast
  }

  private static let firstOpsetOfFloat8 = 19
}

/// Gives every name out once.
struct UniqueNames {
  private var taken: Set<String> = [""]
  private var next: [String: Int] = [:]

  /// The name itself, or one with a number behind it where it is taken.
  ///
  /// Names end at a zero byte for some readers, so that they get none.
  mutating func name(_ wanted: String) -> String {
    let wanted = wanted.isEmpty ? "value" : wanted.replacingNUL
    var name = wanted
    var number = next[wanted] ?? 2
    while !taken.insert(name).inserted {
      name = "\(wanted)_\(number)"
      number += 1
    }
    next[wanted] = number
    return name
  }
}

extension String {
  /// The text with `_` for each zero byte.
  var replacingNUL: String {
    guard utf8.contains(0) else { return self }
    return String(decoding: utf8.map { $0 == 0 ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }
}

extension Tensor {
  /// Whole numbers in ONNX's type for shapes and indices.
  init(int64 values: [Int], shape: Shape) {
    let storage = ByteStorage(count: values.count * 8) { memory in
      for (index, value) in values.enumerated() {
        memory.storeBytes(of: Int64(value).littleEndian, toByteOffset: index * 8, as: Int64.self)
      }
    }
    self.init(dtype: .int64, shape: shape, storage: storage)
  }
}
