import CONNX

/// Memory behind protobuf-c's structures: what they point to lives as long as this.
final class ProtobufArena {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit { for block in blocks { block.deallocate() } }

  /// A zero-terminated copy of a text without zero bytes.
  func text(_ text: String) -> UnsafeMutablePointer<CChar>? {
    array(text.utf8.map { CChar(bitPattern: $0) } + [0])
  }

  /// The bytes of a text.
  func bytes(_ text: String) -> ProtobufCBinaryData {
    ProtobufCBinaryData(len: text.utf8.count, data: array(Array(text.utf8)))
  }

  /// A copy of trivial values: numbers, pointers, C structures.
  func array<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element>? {
    guard !elements.isEmpty else { return nil }
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
    memory.initialize(from: elements, count: elements.count)
    blocks.append(UnsafeMutableRawPointer(memory))
    return memory
  }

  /// A message that its own initializer has prepared, with its fields filled in.
  func message<Message>(
    _ initialize: (UnsafeMutablePointer<Message>?) -> Void, _ fill: (inout Message) -> Void
  ) -> UnsafeMutablePointer<Message> {
    let memory = UnsafeMutablePointer<Message>.allocate(capacity: 1)
    initialize(memory)
    fill(&memory.pointee)
    blocks.append(UnsafeMutableRawPointer(memory))
    return memory
  }
}
