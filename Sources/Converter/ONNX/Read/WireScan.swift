import GraphIR

/// A first look at a protocol buffer, before anything is reserved for it: every length lies within
/// its message, and messages are not nested endlessly.
///
/// protobuf-c calls itself for messages within messages, so that a file of nothing but nested
/// branches would exhaust the stack.
struct WireScan {
  /// Messages of the schema that contain messages; all others count as `leaf`.
  private enum Message {
    case model, graph, node, attribute, tensor, sparseTensor, value, type, tensorType, shape
    case function, leaf

    /// The message that a field of this one is, or nil where it is none.
    func field(_ number: UInt64) -> Message? {
      switch (self, number) {
      case (.model, 7): .graph
      case (.model, 8), (.model, 14): .leaf
      case (.model, 25): .function
      case (.graph, 1): .node
      case (.graph, 5): .tensor
      case (.graph, 11), (.graph, 12): .value
      case (.graph, 15): .sparseTensor
      case (.node, 5): .attribute
      case (.attribute, 5): .tensor
      case (.attribute, 6): .graph
      case (.tensor, 13): .leaf
      case (.sparseTensor, 1): .tensor
      case (.value, 2): .type
      case (.type, 1): .tensorType
      case (.tensorType, 2): .shape
      case (.shape, 1): .leaf
      case (.function, 7): .node
      case (.function, 9): .leaf
      case (.function, 11): .attribute
      default: nil
      }
    }
  }

  /// Branches hold graphs that hold nodes with branches: 20 of them are more than anyone writes.
  static let mostNested = 64

  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Checks a whole model.
  static func check(_ bytes: UnsafeRawBufferPointer) throws(ONNXProblem) {
    var scan = WireScan(bytes)
    // The messages that are open, outermost first, with the byte at which each ends.
    var open = [(message: Message.model, end: bytes.count)]
    while let (message, end) = open.last {
      if scan.offset == end {
        open.removeLast()
        continue
      }
      let start = scan.offset
      let tag = try scan.varint(before: end)
      switch tag & 7 {
      case 0: _ = try scan.varint(before: end)
      case 1: try scan.skip(8, before: end)
      case 5: try scan.skip(4, before: end)
      case 2:
        let length = try scan.varint(before: end)
        guard length <= UInt64(end - scan.offset) else {
          throw .malformed(offset: start, .truncated)
        }
        if let inner = message.field(tag >> 3) {
          guard open.count < mostNested else { throw .tooDeep(maximum: mostNested) }
          open.append((inner, scan.offset + Int(length)))
        } else {
          scan.offset += Int(length)
        }
      case let kind: throw .malformed(offset: start, .wireType(Int(kind)))
      }
    }
  }

  private mutating func varint(before end: Int) throws(ONNXProblem) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard offset < end else { throw .malformed(offset: start, .truncated) }
      let byte = bytes[offset]
      offset += 1
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw .malformed(offset: start, .varint)
  }

  private mutating func skip(_ count: Int, before end: Int) throws(ONNXProblem) {
    guard count <= end - offset else { throw .malformed(offset: offset, .truncated) }
    offset += count
  }
}
