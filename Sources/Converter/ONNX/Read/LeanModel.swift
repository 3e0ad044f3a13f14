import GraphIR

/// A model's protocol buffer without what nobody needs to unpack: fields outside the schema, and the
/// bytes of tensors, which stay in the file.
///
/// Made before anything is reserved, in one walk that checks every length against the message
/// around it and bounds how deep messages are nested: protobuf-c calls itself for messages within
/// messages, so that a file of nothing but nested branches would exhaust the stack.
struct LeanModel {
  /// The message, in which each tensor's `raw_data` is replaced by where it lies: the offset in the
  /// file and the length, 8 bytes each, little-endian.
  private(set) var bytes: [UInt8] = []

  /// Branches hold graphs that hold nodes with branches: 20 of them are more than anyone writes.
  static let mostNested = 64
  /// Bytes in the length of a message; protobuf-c reads as many.
  private static let lengthSize = 5
  private static let longestMessage = Int(Int32.max)
  /// Lengths of five bytes make many small messages larger than they were, as a multiple of the file.
  private static let mostGrowth = 2
  /// Small files may grow to this many bytes.
  private static let leastLimit = 16 << 20

  private struct Open {
    let message: WireMessage
    /// Where the message ends in the file.
    let end: Int
    /// Where its length stands in the lean bytes; nil for the whole.
    let length: Int?
  }

  /// Bytes in the file: short messages take more here, as their lengths do.
  var fileSize: Int { file.count }

  private let file: UnsafeRawBufferPointer
  private var offset = 0

  /// Walks through a file's bytes, which are not kept.
  init(_ file: UnsafeRawBufferPointer) throws(ONNXProblem) {
    self.file = file
    var open = [Open(message: .model, end: file.count, length: nil)]
    let (grown, overflow) = file.count.multipliedReportingOverflow(by: Self.mostGrowth)
    let limit = overflow ? Int.max : max(grown, Self.leastLimit)
    while let current = open.last {
      guard bytes.count <= limit else { throw .tooMuchMemory(maximum: limit) }
      if offset == current.end {
        if let length = current.length { try close(length) }
        open.removeLast()
      } else if let inner = try field(of: current) {
        guard open.count < Self.mostNested else { throw .tooDeep(maximum: Self.mostNested) }
        open.append(inner)
      }
    }
  }

  /// Steps over one field and copies what is needed of it; a message is returned to be walked.
  private mutating func field(of current: Open) throws(ONNXProblem) -> Open? {
    let start = offset
    let tag = try varint(before: current.end)
    let number = tag >> 3
    let isKnown = current.message.hasField(number)
    switch tag & 7 {
    case 0: _ = try varint(before: current.end)
    case 1: try skip(8, before: current.end)
    case 5: try skip(4, before: current.end)
    case 2:
      let count = try varint(before: current.end)
      guard count <= UInt64(current.end - offset) else {
        throw .malformed(offset: start, .truncated)
      }
      let content = offset..<offset + Int(count)
      if isKnown, let message = current.message.message(number) {
        append(tag: tag)
        bytes.append(contentsOf: repeatElement(0, count: Self.lengthSize))
        return Open(
          message: message, end: content.upperBound, length: bytes.count - Self.lengthSize)
      }
      offset = content.upperBound
      if current.message == .tensor, number == 9 {
        append(tag: tag)
        bytes.append(16)
        append(UInt64(content.lowerBound), count: 8)
        append(UInt64(content.count), count: 8)
        return nil
      }
    case let kind: throw .malformed(offset: start, .wireType(Int(kind)))
    }
    if isKnown { bytes.append(contentsOf: file[start..<offset]) }
    return nil
  }

  private mutating func append(tag: UInt64) {
    var rest = tag
    while rest > 0x7f {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func append(_ value: UInt64, count: Int) {
    for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))) }
  }

  /// Fills in a message's length, now that it is known: with leading zeros, as numbers may have.
  private mutating func close(_ position: Int) throws(ONNXProblem) {
    let length = bytes.count - position - Self.lengthSize
    guard length <= Self.longestMessage else {
      throw .limit("bytes in one message", maximum: Self.longestMessage)
    }
    for byte in 0..<Self.lengthSize {
      let isLast = byte == Self.lengthSize - 1
      bytes[position + byte] = UInt8(length >> (7 * byte) & 0x7f) | (isLast ? 0 : 0x80)
    }
  }

  private mutating func varint(before end: Int) throws(ONNXProblem) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard offset < end else { throw .malformed(offset: start, .truncated) }
      let byte = file[offset]
      offset += 1
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw .malformed(offset: start, .varint)
  }

  private mutating func skip(_ count: Int, before end: Int) throws(ONNXProblem) {
    guard count <= end - offset else { throw .malformed(offset: offset, .truncated) }
    offset += count
  }
}

/// The messages of `Sources/CONNX/onnx.proto`, with the numbers of their fields.
enum WireMessage: Int, CaseIterable {
  case model, graph, node, attribute, tensor, sparseTensor, value, type, tensorType, shape
  case dimension, function, entry, operatorSet

  /// The fields that are read.
  private var fields: [UInt64] {
    switch self {
    case .model: [1, 2, 3, 4, 6, 7, 8, 14, 25]
    case .graph: [1, 2, 5, 11, 12, 15]
    case .node: [1, 2, 3, 4, 5, 7, 8]
    case .attribute: [1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21]
    case .tensor: [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]
    case .sparseTensor, .type: [1]
    case .value, .tensorType, .dimension, .entry, .operatorSet: [1, 2]
    case .shape: [1]
    case .function: [1, 4, 5, 6, 7, 9, 10, 11, 13]
    }
  }

  /// The same as bits, by message: a file may have millions of fields.
  private static let masks = allCases.map { message in
    message.fields.reduce(UInt64(0)) { $0 | 1 << $1 }
  }

  func hasField(_ number: UInt64) -> Bool {
    number < 64 && Self.masks[rawValue] >> number & 1 == 1
  }

  /// The message that a field of this one is, or nil where it is none.
  func message(_ number: UInt64) -> WireMessage? {
    switch (self, number) {
    case (.model, 7): .graph
    case (.model, 8): .operatorSet
    case (.model, 14): .entry
    case (.model, 25): .function
    case (.graph, 1): .node
    case (.graph, 5): .tensor
    case (.graph, 11), (.graph, 12): .value
    case (.graph, 15): .sparseTensor
    case (.node, 5): .attribute
    case (.attribute, 5): .tensor
    case (.attribute, 6): .graph
    case (.tensor, 13): .entry
    case (.sparseTensor, 1): .tensor
    case (.value, 2): .type
    case (.type, 1): .tensorType
    case (.tensorType, 2): .shape
    case (.shape, 1): .dimension
    case (.function, 7): .node
    case (.function, 9): .operatorSet
    case (.function, 11): .attribute
    default: nil
    }
  }
}
