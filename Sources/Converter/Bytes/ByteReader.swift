import GraphIR

/// Where bytes came from, for errors: a file, and the archive record inside it.
struct ByteOrigin: Sendable {
  let file: String
  var record: String?

  func error(_ reason: CheckpointError.Reason, at offset: Int? = nil) -> CheckpointError {
    CheckpointError(file: file, record: record, offset: offset, reason: reason)
  }
}

/// A cursor over bytes that somebody else wrote.
///
/// Nothing else in this module advances an offset: every read is checked here against the bytes
/// that are there, and a failure names the file and the offset.
struct ByteReader {
  let storage: ByteStorage
  let origin: ByteOrigin
  private(set) var offset: Int

  /// Begins at a byte that lies within the storage or right behind it.
  init(_ storage: ByteStorage, origin: ByteOrigin, at offset: Int = 0) {
    precondition(offset >= 0 && offset <= storage.bytes.count)
    self.storage = storage
    self.origin = origin
    self.offset = offset
  }

  /// Bytes not read yet.
  var remaining: Int { storage.bytes.count - offset }

  /// Steps over `count` bytes and returns where they lie.
  mutating func take(_ count: Int) throws(CheckpointError) -> Range<Int> {
    guard count >= 0, count <= remaining else {
      throw origin.error(.truncated(needed: count, available: remaining), at: offset)
    }
    defer { offset += count }
    return offset..<offset + count
  }

  /// The next little-endian integer.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(CheckpointError) -> Value {
    let range = try take(MemoryLayout<Value>.size)
    return Value(
      littleEndian: storage.bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
  }

  /// The next little-endian count or length, which must fit the bytes that are left.
  mutating func count<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(CheckpointError) -> Int {
    let start = offset
    let value = try integer(type)
    guard value >= 0, let count = Int(exactly: value), count <= remaining else {
      throw origin.error(.lengthOutOfRange(String(value), available: remaining), at: start)
    }
    return count
  }

  /// The bytes up to the next line feed, which is stepped over and not included.
  mutating func line(limit: Int) throws(CheckpointError) -> Range<Int> {
    let window = storage.bytes[offset..<offset + min(remaining, limit + 1)]
    guard let end = window.firstIndex(of: UInt8(ascii: "\n")) else {
      throw remaining > limit
        ? origin.error(.limit(.textLength, maximum: limit), at: offset)
        : origin.error(.truncated(needed: remaining + 1, available: remaining), at: offset)
    }
    defer { offset = end + 1 }
    return offset..<end
  }

  /// Bytes that were read, as UTF-8 text; nil where they are not.
  func text(_ range: Range<Int>) -> String? {
    String(validating: storage.bytes[range], as: UTF8.self)
  }
}
