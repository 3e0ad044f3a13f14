import CONNX
import GraphIR

/// An ONNX model as the bytes of a file, or of two: the weights of one that would be too large for a
/// file lie in a second one beside it.
///
/// All but the weights is made in memory. Weights go from where they are straight to where they are
/// written, behind the few bytes that protobuf puts before a field.
package struct ONNXFile {
  /// What a file says of itself.
  package struct Description: Sendable {
    /// The name of the graph.
    package var name: String
    /// What people read first.
    package var documentation: String
    /// What programs read, by key.
    package var metadata: [(key: String, value: String)]

    /// Puts a description together.
    package init(name: String, documentation: String, metadata: [(key: String, value: String)]) {
      (self.name, self.documentation, self.metadata) = (name, documentation, metadata)
    }
  }

  /// Bytes that one file may have: protobuf's readers take less than 2^31.
  package static let largestFile = 2_000_000_000

  /// Bytes from which a tensor goes to the second file, where there is one.
  ///
  /// Readers infer shapes from small tensors, and do so without the second file.
  private static let leastExternal = 1024

  /// Tensors of the second file begin at multiples of this, so that they can be mapped.
  private static let externalAlignment = 4096

  private struct Piece {
    /// What comes before the values.
    let head: [UInt8]
    /// The values, in this file or at an offset of the other.
    let tensor: Tensor
    let externalOffset: Int?
  }

  private let head: [UInt8]
  private let pieces: [Piece]
  /// The size of the model's file.
  package let byteCount: Int
  /// The size of the file with the weights, or nil where they are in the model's.
  package let externalByteCount: Int?

  /// Lays a model out.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - description: what the file says of itself.
  ///   - externalName: the name that the second file would have.
  ///   - largestFile: bytes from which on there are two files.
  /// - Throws: `ONNXExportError` where a file would be too large even so.
  package init(
    _ model: ONNXExport, _ description: Description, externalName: String,
    largestFile: Int = largestFile
  ) throws(ONNXExportError) {
    self.init(model, description, externalTo: nil)
    if byteCount <= largestFile { return }
    self.init(model, description, externalTo: externalName)
    guard byteCount <= largestFile else {
      throw .tooManyNodes(byteCount: byteCount, limit: largestFile)
    }
  }

  private init(_ model: ONNXExport, _ description: Description, externalTo externalName: String?) {
    let arena = ProtobufArena()
    var pieces = [Piece]()
    var externalOffset = 0
    for (name, tensor) in model.initializers {
      var external = [(String, String)]()
      var offset: Int?
      if let externalName, tensor.byteCount >= Self.leastExternal {
        let start = (externalOffset + Self.externalAlignment - 1) & -Self.externalAlignment
        external = [
          ("location", externalName), ("offset", "\(start)"), ("length", "\(tensor.byteCount)"),
        ]
        offset = start
        externalOffset = start + tensor.byteCount
      }
      let message = arena.message(name, tensor, external: external)
      var fields = packed(
        onnx__tensor_proto__get_packed_size(message), { onnx__tensor_proto__pack(message, $0) })
      if offset == nil {
        fields += Protobuf.prefix(field: Protobuf.rawData, byteCount: tensor.byteCount)
      }
      let length = fields.count + (offset == nil ? tensor.byteCount : 0)
      let prefix = Protobuf.prefix(field: Protobuf.initializer, byteCount: length)
      pieces.append(Piece(head: prefix + fields, tensor: tensor, externalOffset: offset))
    }
    let graph = Self.graph(model, description, arena)
    let outer = Self.model(model, description, arena)
    let weights = pieces.reduce(0) {
      $0 + $1.head.count + ($1.externalOffset == nil ? $1.tensor.byteCount : 0)
    }
    // Fields may come in any order, and an embedded message ends with its initializers.
    head =
      outer + Protobuf.prefix(field: Protobuf.graph, byteCount: graph.count + weights) + graph
    self.pieces = pieces
    byteCount = head.count + weights
    externalByteCount = externalName == nil ? nil : externalOffset
  }

  /// Writes the model's file.
  ///
  /// - Parameter write: gets the bytes, piece after piece.
  /// - Throws: what `write` throws.
  package func writeModel(_ write: (UnsafeRawBufferPointer) throws -> Void) throws {
    try head.withUnsafeBytes(write)
    for piece in pieces {
      try piece.head.withUnsafeBytes(write)
      if piece.externalOffset == nil { try Self.write(piece.tensor, write) }
    }
  }

  /// Writes the file with the weights; nothing where there is none.
  ///
  /// - Parameter write: gets the bytes, piece after piece.
  /// - Throws: what `write` throws.
  package func writeExternalData(_ write: (UnsafeRawBufferPointer) throws -> Void) throws {
    let zeros = [UInt8](repeating: 0, count: Self.externalAlignment)
    var end = 0
    for piece in pieces {
      guard let start = piece.externalOffset else { continue }
      try zeros.withUnsafeBytes { try write(.init(rebasing: $0[..<(start - end)])) }
      try Self.write(piece.tensor, write)
      end = start + piece.tensor.byteCount
    }
  }

  /// Writes a tensor's values and lets go of the pages of its file.
  private static func write(
    _ tensor: Tensor, _ write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try tensor.withUnsafeBytes(write)
    tensor.discardPages()
  }
}

extension ONNXFile {
  /// The graph without its initializers.
  private static func graph(
    _ model: ONNXExport, _ description: Description, _ arena: ProtobufArena
  ) -> [UInt8] {
    let message = arena.message(onnx__graph_proto__init) { message in
      message.name = arena.text(description.name.replacingNUL)
      message.n_node = model.nodes.count
      message.node = arena.array(model.nodes.map { .some(arena.message($0)) })
      message.n_input = model.inputs.count
      message.input = arena.array(model.inputs.map(arena.message))
      message.n_output = model.outputs.count
      message.output = arena.array(model.outputs.map(arena.message))
    }
    return packed(
      onnx__graph_proto__get_packed_size(message), { onnx__graph_proto__pack(message, $0) })
  }

  /// The model without its graph.
  private static func model(
    _ model: ONNXExport, _ description: Description, _ arena: ProtobufArena
  ) -> [UInt8] {
    let message = arena.message(onnx__model_proto__init) { message in
      (message.ir_version, message.has_ir_version) = (irVersion(opset: model.opset), 1)
      message.producer_name = arena.text("XRayZoo")
      message.doc_string = arena.text(description.documentation.replacingNUL)
      message.n_opset_import = 1
      message.opset_import = arena.array([arena.message(opset: model.opset)])
      message.n_metadata_props = description.metadata.count
      message.metadata_props = arena.array(description.metadata.map(arena.message))
    }
    return packed(
      onnx__model_proto__get_packed_size(message), { onnx__model_proto__pack(message, $0) })
  }

  /// The oldest version of the file format that goes with an operator set: readers of that set know
  /// it.
  private static func irVersion(opset: Int) -> Int64 {
    switch opset {
    case ..<15: 7
    case ..<19: 8
    case ..<21: 9
    case ..<23: 10
    default: 11
    }
  }
}

/// A message that protobuf-c has packed into so many bytes.
private func packed(_ byteCount: Int, _ pack: (UnsafeMutablePointer<UInt8>?) -> Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
    count = pack(buffer.baseAddress)
  }
}

/// What stands before a field of bytes in protobuf's wire format.
private enum Protobuf {
  /// `ModelProto.graph`.
  static let graph = 7
  /// `GraphProto.initializer`.
  static let initializer = 5
  /// `TensorProto.raw_data`.
  static let rawData = 9

  /// The field's number and kind, and how many bytes follow.
  static func prefix(field: Int, byteCount: Int) -> [UInt8] {
    let lengthDelimited = 2
    return varint(field << 3 | lengthDelimited) + varint(byteCount)
  }

  /// A number in groups of seven bits, the lowest first, all but the last marked by the highest bit.
  private static func varint(_ number: Int) -> [UInt8] {
    var rest = UInt64(number)
    var bytes = [UInt8]()
    while rest > 0x7f {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
