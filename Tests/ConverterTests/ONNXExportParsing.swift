import CONNX
import Converter
import Foundation
import GraphIR
import Testing

/// What protobuf-c's generated code reads back from a written model.
struct ParsedModel {
  struct Node: Equatable {
    var op: String
    var name: String
    var inputs: [String]
    var outputs: [String]
    /// Each as text, such as `pads=[0, 1, 0, 1]`.
    var attributes: [String]
  }

  struct Initializer: Equatable {
    var type: Int
    var dims: [Int]
    /// nil where the values are in another file.
    var bytes: [UInt8]?
    var external: [String: String]
  }

  var irVersion = 0
  var producer = ""
  var documentation = ""
  var graphName = ""
  var opsets: [String: Int] = [:]
  var metadata: [String: String] = [:]
  var nodes: [Node] = []
  var inputs: [String: [String]] = [:]
  var outputs: [(name: String, type: Int, extents: [String])] = []
  var initializers: [String: Initializer] = [:]

  init(_ bytes: [UInt8]) throws {
    let message = try #require(onnx__model_proto__unpack(nil, bytes.count, bytes))
    defer { onnx__model_proto__free_unpacked(message, nil) }
    let model = message.pointee
    irVersion = Int(model.ir_version)
    producer = text(model.producer_name)
    documentation = text(model.doc_string)
    for entry in list(model.opset_import, model.n_opset_import) {
      opsets[text(entry.domain)] = Int(entry.version)
    }
    for entry in list(model.metadata_props, model.n_metadata_props) {
      metadata[text(entry.key)] = text(entry.value)
    }
    let graph = try #require(model.graph).pointee
    graphName = text(graph.name)
    nodes = list(graph.node, graph.n_node).map { node in
      Node(
        op: text(node.op_type), name: text(node.name),
        inputs: (0..<node.n_input).map { text(node.input[$0]) },
        outputs: (0..<node.n_output).map { text(node.output[$0]) },
        attributes: list(node.attribute, node.n_attribute).map(attributeText))
    }
    for value in list(graph.input, graph.n_input) {
      inputs[text(value.name)] = try typeAndExtents(value).extents
    }
    outputs = try list(graph.output, graph.n_output).map { value in
      let (type, extents) = try typeAndExtents(value)
      return (text(value.name), type, extents)
    }
    for tensor in list(graph.initializer, graph.n_initializer) {
      var external = [String: String]()
      for entry in list(tensor.external_data, tensor.n_external_data) {
        external[text(entry.key)] = text(entry.value)
      }
      #expect((tensor.data_location == 1) == !external.isEmpty)
      let bytes = UnsafeBufferPointer(start: tensor.raw_data.data, count: tensor.raw_data.len)
      initializers[text(tensor.name)] = Initializer(
        type: Int(tensor.data_type), dims: (0..<tensor.n_dims).map { Int(tensor.dims[$0]) },
        bytes: tensor.has_raw_data != 0 ? Array(bytes) : nil, external: external)
    }
  }

  /// A node's op and attributes, in the order of the file.
  var ops: [String] {
    nodes.map { ([$0.op] + $0.attributes).joined(separator: " ") }
  }

  /// An initializer's 64-bit whole numbers.
  func integers(_ name: String) throws -> [Int] {
    let initializer = try #require(initializers[name])
    #expect(initializer.type == 7)
    return try #require(initializer.bytes).withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map {
        Int(bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
      }
    }
  }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String {
  pointer.map { String(cString: $0) } ?? ""
}

private func list<Message>(
  _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?, _ count: Int
) -> [Message] {
  (0..<count).compactMap { pointers?[$0]?.pointee }
}

private func attributeText(_ attribute: Onnx__AttributeProto) -> String {
  let value =
    switch attribute.type {
    case 1: "\(attribute.f)"
    case 2: "\(attribute.i)"
    case 3:
      String(
        decoding: UnsafeBufferPointer(start: attribute.s.data, count: attribute.s.len),
        as: UTF8.self)
    case 7: "\((0..<attribute.n_ints).map { attribute.ints[$0] })"
    default: "type \(attribute.type)"
    }
  return "\(text(attribute.name))=\(value)"
}

private func typeAndExtents(
  _ value: Onnx__ValueInfoProto
) throws -> (type: Int, extents: [String]) {
  let tensor = try #require(value.type?.pointee.tensor_type).pointee
  let shape = try #require(tensor.shape).pointee
  let extents = list(shape.dim, shape.n_dim).map { extent in
    extent.value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
      ? text(extent.dim_param) : "\(extent.dim_value)"
  }
  return (Int(tensor.elem_type), extents)
}

/// A graph in the making and what it is exported with.
struct ExportCase {
  var builder = GraphBuilder()
  var weights: [String: Tensor] = [:]
  var inputs: [String: Shape] = [:]

  mutating func image(_ name: String = "image", _ shape: Shape = [1, 2, 8, 6]) -> Graph.Value {
    inputs[name] = shape
    return builder.input(name, channels: shape[1])
  }

  mutating func exact(_ name: String = "x", _ shape: Shape) -> Graph.Value {
    inputs[name] = shape
    return builder.input(name, shape: shape)
  }

  mutating func weight(_ name: String, _ tensor: Tensor) -> Graph.Value {
    weights[name] = tensor
    return builder.parameter(name, tensor.shape)
  }

  mutating func weight(_ name: String, _ shape: Shape) -> Graph.Value {
    let values = (0..<shape.elementCount).map { Float($0 % 97) / 8 - 5 }
    return weight(name, Tensor(shape: shape, values))
  }

  func export(
    opset: Int = 17, outputs: [String]? = nil, fixesSize: Bool = false
  ) throws -> ONNXExport {
    try ONNXExport(
      builder.build(), weights: weights, inputShapes: inputs, outputs: outputs, opset: opset,
      fixesSize: fixesSize)
  }

  func parsed(opset: Int = 17, outputs: [String]? = nil, fixesSize: Bool = false) throws
    -> ParsedModel
  {
    try ParsedModel(export(opset: opset, outputs: outputs, fixesSize: fixesSize).file().bytes())
  }
}

extension ONNXExport {
  func file(largestFile: Int = ONNXFile.largestFile) throws -> ONNXFile {
    try ONNXFile(
      self, .init(name: "net", documentation: "how to", metadata: [("key", "value")]),
      externalName: "net.onnx.data", largestFile: largestFile)
  }
}

extension ONNXFile {
  func bytes() throws -> [UInt8] {
    var bytes = [UInt8]()
    try writeModel { bytes.append(contentsOf: $0) }
    #expect(bytes.count == byteCount)
    return bytes
  }

  func externalBytes() throws -> [UInt8] {
    var bytes = [UInt8]()
    try writeExternalData { bytes.append(contentsOf: $0) }
    #expect(bytes.count == externalByteCount ?? 0)
    return bytes
  }
}

extension Tensor {
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
