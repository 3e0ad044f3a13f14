extension PickleMachine {
  mutating func readNumber(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .int: return try readTextInteger()
    case .long: return try readTextInteger()
    case .binInt: return .integer(Int(try reader.integer(Int32.self)))
    case .binInt1: return .integer(Int(try reader.integer(UInt8.self)))
    case .binInt2: return .integer(Int(try reader.integer(UInt16.self)))
    case .long1: return try readLong(count: try reader.count(UInt8.self))
    case .long4: return try readLong(count: try reader.count(Int32.self))
    case .newTrue: return .bool(true)
    case .newFalse: return .bool(false)
    case .float:
      let text = try readLine(limit: PickleLimits.integer)
      guard let value = Double(text) else { throw error(.invalidNumber(text)) }
      return .float(value)
    case .binFloat:
      // The one big-endian number of the format.
      return .float(Double(bitPattern: try reader.integer(UInt64.self).byteSwapped))
    default: return .none
    }
  }

  mutating func readText(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .shortBinString: text(try reader.take(try textCount(UInt8.self)))
    case .binString: text(try reader.take(try textCount(Int32.self)))
    case .shortBinUnicode: text(try reader.take(try textCount(UInt8.self)))
    case .binUnicode: text(try reader.take(try textCount(UInt32.self)))
    case .binUnicode8: text(try reader.take(try textCount(UInt64.self)))
    case .shortBinBytes: .bytes(try reader.take(try reader.count(UInt8.self)))
    case .binBytes: .bytes(try reader.take(try reader.count(UInt32.self)))
    case .binBytes8, .byteArray8: .bytes(try reader.take(try reader.count(UInt64.self)))
    case .unicode: text(try reader.line(limit: PickleLimits.text))
    default: quoted(try reader.line(limit: PickleLimits.text))
    }
  }

  /// A decimal number on a line of its own, as protocol 0 numbers the memo.
  mutating func readDecimal() throws(CheckpointError) -> Int {
    let text = try readLine(limit: PickleLimits.integer)
    guard let value = Int(text), value >= 0 else { throw error(.invalidNumber(text)) }
    return value
  }

  mutating func readLine(limit: Int) throws(CheckpointError) -> String {
    let range = try reader.line(limit: limit)
    guard let text = reader.text(range) else { throw error(.invalidName) }
    return text
  }

  /// A whole number in decimal; `00` and `01` are truth values, and a trailing L is Python 2's.
  private mutating func readTextInteger() throws(CheckpointError) -> PickleValue {
    let start = reader.offset
    let text = try readLine(limit: PickleLimits.integer)
    if text == "00" { return .bool(false) }
    if text == "01" { return .bool(true) }
    let digits = text.hasSuffix("L") ? text.dropLast() : text[...]
    if let value = Int(digits) { return .integer(value) }
    let magnitude = digits.hasPrefix("-") ? digits.dropFirst() : digits
    guard !magnitude.isEmpty, magnitude.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw error(.invalidNumber(text))
    }
    return .longInteger(start..<reader.offset)
  }

  private mutating func readLong(count: Int) throws(CheckpointError) -> PickleValue {
    guard count <= PickleLimits.integer else {
      throw error(.limit(.integerLength, maximum: PickleLimits.integer))
    }
    let range = try reader.take(count)
    guard count <= 8 else { return .longInteger(range) }
    let bytes = reader.storage.bytes[range]
    // Two's complement, shortest form: the last byte carries the sign.
    var value = Int64((bytes.last ?? 0) & 0x80 == 0 ? 0 : -1)
    for byte in bytes.reversed() { value = value << 8 | Int64(byte) }
    return .integer(Int(value))
  }

  private mutating func textCount<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(CheckpointError) -> Int {
    let count = try reader.count(type)
    guard count <= PickleLimits.text else {
      throw error(.limit(.textLength, maximum: PickleLimits.text))
    }
    return count
  }

  private func text(_ range: Range<Int>) -> PickleValue {
    reader.text(range).map(PickleValue.text) ?? .bytes(range)
  }

  /// Protocol 0 writes text between quotes; anything with an escape stays bytes.
  private func quoted(_ range: Range<Int>) -> PickleValue {
    let bytes = reader.storage.bytes[range]
    guard range.count >= 2, let quote = bytes.first, quote == bytes.last,
      [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(quote),
      !bytes.contains(UInt8(ascii: "\\"))
    else { return .bytes(range) }
    return text(range.lowerBound + 1..<range.upperBound - 1)
  }
}
