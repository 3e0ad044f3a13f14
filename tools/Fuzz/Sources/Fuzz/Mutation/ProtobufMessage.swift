/// A message of an ONNX file as a list of fields, written back with the right length in front of
/// every message, however deep.
struct ProtobufMessage {
  struct Field {
    var number: Int
    var content: Content
  }

  /// What a field holds, by how it is written.
  enum Content {
    case number(UInt64)
    /// Four or eight bytes.
    case fixed([UInt8])
    case bytes([UInt8])
    case message(ProtobufMessage)
  }

  let kind: ONNXMessage
  var fields: [Field] = []

  init(_ kind: ONNXMessage, _ fields: [Field] = []) {
    self.kind = kind
    self.fields = fields
  }

  /// Deeper ones stay bytes.
  private static let mostNested = 100

  /// Takes a message apart; nil where its fields do not fill it.
  init?(_ bytes: ArraySlice<UInt8>, kind: ONNXMessage, depth: Int = 0) {
    self.kind = kind
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest) else { return nil }
      let number = Int(tag >> 3)
      let content: Content
      switch tag & 7 {
      case 0:
        guard let value = Self.varint(&rest) else { return nil }
        content = .number(value)
      case 1, 5:
        let width = tag & 7 == 1 ? 8 : 4
        guard rest.count >= width else { return nil }
        content = .fixed(Array(rest.prefix(width)))
        rest = rest.dropFirst(width)
      case 2:
        guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
        let inner = rest.prefix(Int(length))
        if let kind = kind.message(number), depth < Self.mostNested,
          let message = ProtobufMessage(inner, kind: kind, depth: depth + 1)
        {
          content = .message(message)
        } else {
          content = .bytes(Array(inner))
        }
        rest = rest.dropFirst(Int(length))
      default: return nil
      }
      fields.append(Field(number: number, content: content))
    }
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  var bytes: [UInt8] { fields.flatMap(\.bytes) }
}

extension ProtobufMessage.Field {
  static func int(_ number: Int, _ value: Int) -> Self {
    Self(number: number, content: .number(UInt64(bitPattern: Int64(value))))
  }

  static func text(_ number: Int, _ bytes: [UInt8]) -> Self {
    Self(number: number, content: .bytes(bytes))
  }

  static func message(_ number: Int, _ message: ProtobufMessage) -> Self {
    Self(number: number, content: .message(message))
  }

  var bytes: [UInt8] {
    func tag(_ wire: Int) -> [UInt8] {
      ProtobufMessage.varint(UInt64(truncatingIfNeeded: number) << 3 | UInt64(wire))
    }
    switch content {
    case .number(let value): return tag(0) + ProtobufMessage.varint(value)
    case .fixed(let bytes): return tag(bytes.count == 8 ? 1 : 5) + bytes
    case .bytes(let bytes):
      return tag(2) + ProtobufMessage.varint(UInt64(bytes.count)) + bytes
    case .message(let message):
      let inner = message.bytes
      return tag(2) + ProtobufMessage.varint(UInt64(inner.count)) + inner
    }
  }
}

// Everything in a model, in one order.
extension ProtobufMessage {
  /// This message and all within it.
  var messageCount: Int {
    fields.reduce(1) {
      if case .message(let inner) = $1.content { $0 + inner.messageCount } else { $0 }
    }
  }

  /// Changes the message at a place in that order.
  mutating func change(at place: Int, _ body: (inout ProtobufMessage) -> Void) {
    if place == 0 { return body(&self) }
    var behind = place - 1
    for index in fields.indices {
      guard case .message(var inner) = fields[index].content else { continue }
      let count = inner.messageCount
      if behind < count {
        inner.change(at: behind, body)
        fields[index].content = .message(inner)
        return
      }
      behind -= count
    }
  }

  /// Looks at every message.
  func forEachMessage(_ body: (ProtobufMessage) -> Void) {
    body(self)
    for case .message(let inner) in fields.lazy.map(\.content) { inner.forEachMessage(body) }
  }
}

/// The messages of an ONNX file.
enum ONNXMessage {
  case model, graph, node, attribute, tensor, sparse, value, type, tensorType, shape, dimension
  case function, entry, opset

  /// The kind of message that a field holds; nil where it holds something else.
  func message(_ field: Int) -> ONNXMessage? {
    switch (self, field) {
    case (.model, 7), (.attribute, 6): .graph
    case (.model, 8), (.function, 9): .opset
    case (.model, 14), (.tensor, 13): .entry
    case (.model, 25): .function
    case (.graph, 1), (.function, 7): .node
    case (.graph, 5), (.attribute, 5), (.sparse, 1): .tensor
    case (.graph, 11), (.graph, 12): .value
    case (.graph, 15): .sparse
    case (.node, 5), (.function, 11): .attribute
    case (.value, 2): .type
    case (.type, 1): .tensorType
    case (.tensorType, 2): .shape
    case (.shape, 1): .dimension
    default: nil
    }
  }

  /// The fields that hold names and words.
  var texts: [Int] {
    switch self {
    case .node: [1, 1, 2, 3, 4, 4, 4, 7, 8]
    case .attribute: [1, 1, 4, 9, 21]
    case .tensor: [8]
    case .value: [1]
    case .dimension: [2]
    case .function: [1, 4, 5, 6, 10, 13]
    case .entry: [1, 2]
    case .opset: [1]
    default: []
    }
  }

  /// The fields that hold whole numbers.
  var numbers: [Int] {
    switch self {
    case .attribute: [3, 8, 8, 20]
    case .tensor: [1, 1, 2, 5, 7, 11, 14]
    case .tensorType, .dimension: [1]
    case .opset: [2]
    default: []
    }
  }
}
