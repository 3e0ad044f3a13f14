/// What the parser puts up with in a text that somebody else wrote.
package enum JSONLimits {
  /// Arrays and objects inside each other; the parser recurses once for each.
  package static let depth = 64
  /// Bytes of memory that the values of any text may take: those of 40,000 tensors' lines.
  package static let memory = 48 << 20
  /// Bytes beyond that for each byte of the text: its strings take one anyway, and a hundred networks
  /// in one file have more tensors.
  package static let memoryPerByte = 3

  // What values take at most, in bytes. An array or table that grows lies in memory three times
  // for a moment, once as it was and twice as it will be.
  static let element = 3 * MemoryLayout<JSONValue>.stride
  static let member = 4 * (MemoryLayout<String>.stride + MemoryLayout<JSONValue>.stride)
  /// A block of memory around an array or a table.
  static let block = 96
  /// Bytes of one number; a double needs at most 24.
  package static let numberLength = 128
}

extension JSONValue {
  /// Parses one JSON text (RFC 8259) without any leniency.
  ///
  /// Stricter than Foundation's decoder where that matters for files that are checked by digest or
  /// edited by hand: a key that occurs twice in an object, a lone surrogate and invalid UTF-8 are
  /// refused, and depth and memory are limited (`JSONLimits`). A number without fraction
  /// and exponent that fits `Int` becomes `.integer`, any other finite one `.number`.
  ///
  /// - Parameter bytes: the text in UTF-8, white space around the value allowed.
  /// - Throws: `JSONSyntaxError`.
  package init(parsing bytes: UnsafeRawBufferPointer) throws {
    var parser = JSONParser(bytes: bytes)
    self = try parser.parseText()
  }

  /// Parses a string; see `init(parsing:)` for bytes.
  package init(parsing text: String) throws {
    self = try Array(text.utf8).withUnsafeBytes { try JSONValue(parsing: $0) }
  }
}

private struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  private var position = 0
  private let memoryLimit: Int
  private var memoryLeft: Int

  init(bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    memoryLimit = JSONLimits.memory + JSONLimits.memoryPerByte * bytes.count
    memoryLeft = memoryLimit
  }

  mutating func parseText() throws -> JSONValue {
    let value = try parseValue(depth: 0)
    skipSpace()
    if position < bytes.count { throw refusal(.trailingBytes) }
    return value
  }

  private mutating func parseValue(depth: Int) throws -> JSONValue {
    skipSpace()
    switch try peek() {
    case UInt8(ascii: "{"): return try parseObject(depth: depth + 1)
    case UInt8(ascii: "["): return try parseArray(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw refusal(.unexpectedByte(expected: "a value"))
    }
  }

  private mutating func parseObject(depth: Int) throws -> JSONValue {
    try enter(depth)
    var members = [String: JSONValue]()
    if skip(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      let start = position
      guard try peek() == UInt8(ascii: "\"") else {
        throw refusal(.unexpectedByte(expected: "a key"))
      }
      let key = try parseString()
      guard skip(UInt8(ascii: ":")) else { throw unexpected("a colon") }
      try spend(JSONLimits.member)
      let value = try parseValue(depth: depth)
      guard members.updateValue(value, forKey: key) == nil else {
        throw JSONSyntaxError(offset: start, problem: .duplicateKey(key))
      }
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw unexpected("a comma or `}`") }
    return .object(members)
  }

  private mutating func parseArray(depth: Int) throws -> JSONValue {
    try enter(depth)
    var elements = [JSONValue]()
    if skip(UInt8(ascii: "]")) { return .array(elements) }
    repeat {
      try spend(JSONLimits.element)
      elements.append(try parseValue(depth: depth))
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw unexpected("a comma or `]`") }
    return .array(elements)
  }

  private mutating func enter(_ depth: Int) throws {
    if depth > JSONLimits.depth { throw refusal(.tooDeep(limit: JSONLimits.depth)) }
    try spend(JSONLimits.block)
    position += 1
  }

  /// Counts bytes of memory before they are taken.
  private mutating func spend(_ count: Int) throws {
    memoryLeft -= count
    if memoryLeft < 0 { throw refusal(.tooLarge(limit: memoryLimit)) }
  }

  private mutating func parseWord(_ word: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else {
      throw refusal(.unexpectedByte(expected: "`\(word)`"))
    }
    position += word.utf8.count
    return value
  }

  private mutating func parseNumber() throws -> JSONValue {
    let start = position
    let negative = accept(UInt8(ascii: "-"))
    let leadingZero = accept(UInt8(ascii: "0"))
    if !leadingZero { try skipDigits() }
    var whole = true
    if accept(UInt8(ascii: ".")) {
      whole = false
      try skipDigits()
    }
    if accept(UInt8(ascii: "e")) || accept(UInt8(ascii: "E")) {
      whole = false
      if !accept(UInt8(ascii: "+")) { _ = accept(UInt8(ascii: "-")) }
      try skipDigits()
    }
    guard position - start <= JSONLimits.numberLength else {
      throw JSONSyntaxError(offset: start, problem: .numberOutOfRange)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // -0 has no integer.
    if whole, !(negative && leadingZero), let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      throw JSONSyntaxError(offset: start, problem: .numberOutOfRange)
    }
    return .number(number)
  }

  private mutating func skipDigits() throws {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      position += 1
    }
    if position == start { throw unexpected("a digit") }
  }

  private mutating func parseString() throws -> String {
    position += 1
    let start = position
    var unescaped: [UInt8]?
    while true {
      let byte = try peek()
      switch byte {
      case UInt8(ascii: "\""):
        let text =
          if let unescaped { String(validating: unescaped, as: UTF8.self) } else {
            String(validating: bytes[start..<position], as: UTF8.self)
          }
        guard let text else { throw JSONSyntaxError(offset: start, problem: .invalidUTF8) }
        // Short strings lie in the value itself.
        if text.utf8.count > 15 { try spend(JSONLimits.block / 2 + text.utf8.count) }
        position += 1
        return text
      case UInt8(ascii: "\\"):
        var text = unescaped ?? Array(bytes[start..<position])
        unescaped = nil
        try appendEscape(to: &text)
        unescaped = text
      case 0..<0x20:
        throw refusal(.controlCharacter)
      default:
        let run = position
        repeat { position += 1 } while position < bytes.count && Self.isPlain(bytes[position])
        unescaped?.append(contentsOf: bytes[run..<position])
      }
    }
  }

  /// Whether a byte inside a string stands for itself and does not end it.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws {
    position += 1
    let byte = try peek()
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try parseScalar()
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
      return
    default: throw refusal(.invalidEscape)
    }
    position += 1
  }

  /// Reads `uXXXX`, and the second half of a surrogate pair where there is one.
  private mutating func parseScalar() throws -> Unicode.Scalar {
    let start = position
    var code = try parseHexDigits()
    if (0xd800..<0xdc00).contains(code), accept(UInt8(ascii: "\\")),
      try peek() == UInt8(ascii: "u")
    {
      let low = try parseHexDigits()
      guard (0xdc00..<0xe000).contains(low) else {
        throw JSONSyntaxError(offset: start, problem: .invalidEscape)
      }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw JSONSyntaxError(offset: start, problem: .invalidEscape)
    }
    return scalar
  }

  private mutating func parseHexDigits() throws -> UInt32 {
    position += 1
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
        throw refusal(.invalidEscape)
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  /// Skips white space, then that byte if it comes next.
  private mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    return accept(byte)
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private func peek() throws -> UInt8 {
    guard position < bytes.count else { throw refusal(.unexpectedEnd) }
    return bytes[position]
  }

  private func unexpected(_ expected: String) -> JSONSyntaxError {
    refusal(position < bytes.count ? .unexpectedByte(expected: expected) : .unexpectedEnd)
  }

  private func refusal(_ problem: JSONSyntaxError.Problem) -> JSONSyntaxError {
    JSONSyntaxError(offset: position, problem: problem)
  }
}
