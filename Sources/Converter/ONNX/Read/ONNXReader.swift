import CONNX
import GraphIR

/// Takes the structures of an unpacked file apart, checking names, kinds and counts.
struct ONNXReader {
  private let unpacked: UnpackedModel
  private var tensors: ONNXTensorReader
  /// Nodes so far, in all graphs and functions.
  private var nodeCount = 0

  /// More nodes than any network has: the largest exported ones have some ten thousand.
  static let mostNodes = 100_000
  /// Elements of one list in an attribute or of names in a node.
  static let longestList = 1_000_000

  init(_ unpacked: UnpackedModel, file: ByteStorage, external: ExternalData?) {
    self.unpacked = unpacked
    tensors = ONNXTensorReader(unpacked: unpacked, file: file, external: external)
  }

  /// The whole model, its functions inlined.
  mutating func model() throws(ONNXProblem) -> ONNXModel {
    let message = unpacked.message.pointee
    guard let graphMessage = message.graph else { throw .noGraph }
    let versions = try opsets(message.opset_import, message.n_opset_import)
    let known = ONNXModel.oldestOpset...ONNXModel.newestOpset
    guard let opset = versions[""] else { throw .opset(nil, known: known) }
    guard known.contains(opset) else { throw .opset(opset, known: known) }
    var functions = ONNXFunctions()
    for index in 0..<message.n_functions {
      guard let function = message.functions[index]?.pointee else { continue }
      functions.add(try self.function(function))
    }
    var graph = try self.graph(graphMessage.pointee)
    try functions.inline(&graph, nodeLimit: Self.mostNodes)
    let producer = [message.producer_name, message.producer_version].compactMap {
      $0.flatMap { String(validatingCString: $0) }
    }.filter { !$0.isEmpty }.joined(separator: " ")
    return ONNXModel(
      opset: opset, graph: graph.withoutDomains(),
      producer: producer.isEmpty ? nil : String(producer.prefix(100)))
  }

  private func opsets(
    _ entries: UnsafeMutablePointer<UnsafeMutablePointer<Onnx__OperatorSetIdProto>?>?, _ count: Int
  ) throws(ONNXProblem) -> [String: Int] {
    var versions = [String: Int]()
    for index in 0..<count {
      guard let entry = entries?[index]?.pointee else { continue }
      var domain = try text(entry.domain) ?? ""
      if domain == "ai.onnx" { domain = "" }
      versions[domain] = Int(entry.version)
    }
    return versions
  }

  private mutating func function(
    _ message: Onnx__FunctionProto
  ) throws(ONNXProblem) -> ONNXFunctions.Function {
    var defaults = [String: ONNXAttribute]()
    for index in 0..<message.n_attribute_proto {
      guard let attribute = message.attribute_proto[index]?.pointee else { continue }
      if case .value(let name, let value) = try self.attribute(attribute) { defaults[name] = value }
    }
    return ONNXFunctions.Function(
      domain: try text(message.domain) ?? "", name: try text(message.name) ?? "",
      overload: try text(message.overload) ?? "",
      inputs: try texts(message.input, message.n_input),
      outputs: try texts(message.output, message.n_output),
      defaults: defaults, nodes: try nodes(message.node, message.n_node))
  }

  private mutating func graph(_ message: Onnx__GraphProto) throws(ONNXProblem) -> RawONNXGraph {
    if message.n_sparse_initializer > 0 {
      let name = try message.sparse_initializer[0].flatMap { (sparse) throws(ONNXProblem) in
        try sparse.pointee.values.flatMap { (values) throws(ONNXProblem) in
          try text(values.pointee.name)
        }
      }
      throw .attributeKind(name ?? "sparse_initializer")
    }
    var initializers = [String: Tensor]()
    for index in 0..<message.n_initializer {
      guard let tensor = message.initializer[index]?.pointee else { continue }
      let name = try text(tensor.name) ?? ""
      guard initializers.updateValue(try tensors.tensor(tensor, name: name), forKey: name) == nil
      else { throw .duplicateName(name) }
    }
    var inputs = [ONNXValueInfo]()
    for index in 0..<message.n_input {
      guard let value = message.input[index]?.pointee else { continue }
      let info = try self.value(value)
      // Until IR version 3 every initializer had to be listed as an input too.
      if initializers[info.name] == nil { inputs.append(info) }
    }
    var names = Set<String>()
    for input in inputs where !names.insert(input.name).inserted {
      throw .duplicateName(input.name)
    }
    var outputs = [ONNXValueInfo]()
    for index in 0..<message.n_output {
      if let value = message.output[index]?.pointee { outputs.append(try self.value(value)) }
    }
    return RawONNXGraph(
      inputs: inputs, outputs: outputs, nodes: try nodes(message.node, message.n_node),
      initializers: initializers)
  }

  private func value(_ message: Onnx__ValueInfoProto) throws(ONNXProblem) -> ONNXValueInfo {
    let name = try text(message.name) ?? ""
    // In a branch outputs may come without a type.
    guard let type = message.type?.pointee else {
      return ONNXValueInfo(name: name, dtype: nil, extents: nil)
    }
    guard let tensor = type.tensor_type?.pointee else { throw .notATensor(name) }
    var extents: [ONNXValueInfo.Extent]?
    if let shape = tensor.shape?.pointee {
      var list = [ONNXValueInfo.Extent]()
      for index in 0..<shape.n_dim {
        guard let dimension = shape.dim[index]?.pointee else { continue }
        list.append(try extent(dimension))
      }
      extents = list
    }
    guard tensor.elem_type == 0 || ONNXTensorReader.dtypes[tensor.elem_type] != nil else {
      throw .tensor(name, .elementType(Int(tensor.elem_type)))
    }
    return ONNXValueInfo(
      name: name, dtype: ONNXTensorReader.dtypes[tensor.elem_type], extents: extents)
  }

  private func extent(
    _ message: Onnx__TensorShapeProto__Dimension
  ) throws(ONNXProblem) -> ONNXValueInfo.Extent {
    switch message.value_case {
    case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE:
      // PyTorch's old exporters write -1 or 0 for what they do not know.
      return message.dim_value > 0 ? .fixed(Int(message.dim_value)) : .unknown
    case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM:
      let name = try text(message.dim_param) ?? ""
      return name.isEmpty ? .unknown : .named(name)
    default: return .unknown
    }
  }

  private mutating func nodes(
    _ messages: UnsafeMutablePointer<UnsafeMutablePointer<Onnx__NodeProto>?>?, _ count: Int
  ) throws(ONNXProblem) -> [RawONNXNode] {
    nodeCount += count
    guard nodeCount <= Self.mostNodes else { throw .limit("nodes", maximum: Self.mostNodes) }
    var nodes = [RawONNXNode]()
    nodes.reserveCapacity(count)
    for index in 0..<count {
      if let node = messages?[index]?.pointee { nodes.append(try self.node(node)) }
    }
    return nodes
  }

  private mutating func node(_ message: Onnx__NodeProto) throws(ONNXProblem) -> RawONNXNode {
    var node = RawONNXNode(
      domain: try text(message.domain) ?? "", op: try text(message.op_type) ?? "",
      overload: try text(message.overload) ?? "", name: try text(message.name) ?? "",
      inputs: try texts(message.input, message.n_input),
      outputs: try texts(message.output, message.n_output))
    if node.domain == "ai.onnx" { node.domain = "" }
    for index in 0..<message.n_attribute {
      guard let attribute = message.attribute[index]?.pointee else { continue }
      switch try self.attribute(attribute) {
      case .value(let name, let value): node.attributes[name] = .value(value)
      case .graph(let name, let graph): node.attributes[name] = .graph(graph)
      case .reference(let name, let outer): node.attributes[name] = .reference(outer)
      }
    }
    return node
  }

  private enum ReadAttribute {
    case value(String, ONNXAttribute)
    case graph(String, RawONNXGraph)
    /// The value of an attribute of the function around the node.
    case reference(String, String)
  }

  /// Until IR version 1 attributes did not say which kind of value they have.
  private mutating func attribute(
    _ message: Onnx__AttributeProto
  ) throws(ONNXProblem) -> ReadAttribute {
    let name = try text(message.name) ?? ""
    if let outer = try text(message.ref_attr_name), !outer.isEmpty {
      return .reference(name, outer)
    }
    let longest = max(message.n_floats, message.n_ints, message.n_strings)
    guard longest <= Self.longestList else {
      throw .limit("values in one attribute", maximum: Self.longestList)
    }
    switch message.type {
    case 1: return .value(name, .float(message.f))
    case 2: return .value(name, .int(Int(message.i)))
    case 3: return .value(name, .string(try text(message.s)))
    case 4:
      guard let tensor = message.t?.pointee else { throw .attributeKind(name) }
      return .value(name, .tensor(try tensors.tensor(tensor, name: name)))
    case 5:
      guard let graph = message.g?.pointee else { throw .attributeKind(name) }
      return .graph(name, try self.graph(graph))
    case 6:
      return .value(
        name, .floats(Array(UnsafeBufferPointer(start: message.floats, count: message.n_floats))))
    case 7:
      let ints = UnsafeBufferPointer(start: message.ints, count: message.n_ints)
      return .value(name, .ints(ints.map { Int($0) }))
    case 8:
      var strings = [String]()
      for index in 0..<message.n_strings { strings.append(try text(message.strings[index])) }
      return .value(name, .strings(strings))
    default: throw .attributeKind(name)
    }
  }

  private func texts(
    _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int
  ) throws(ONNXProblem) -> [String] {
    var texts = [String]()
    texts.reserveCapacity(count)
    for index in 0..<count { texts.append(try text(pointers?[index]) ?? "") }
    return texts
  }

  private func text(_ pointer: UnsafePointer<CChar>?) throws(ONNXProblem) -> String? {
    guard let pointer else { return nil }
    guard let text = String(validatingCString: pointer) else {
      throw .notText
    }
    return text
  }

  private func text(_ data: ProtobufCBinaryData) throws(ONNXProblem) -> String {
    let bytes = UnsafeBufferPointer(start: data.data, count: data.len)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .notText
    }
    return text
  }
}
