/// One word or sign of a TorchScript archive's code.
enum ScriptToken: Hashable, Sendable {
  case name(String)
  case integer(Int)
  case number(Double)
  case text(String)
  /// Brackets, commas and the like; `->` alone has two characters.
  case sign(Character)
}

/// A line of code: what is in brackets belongs to the line that opened them.
struct ScriptLine: Sendable {
  /// Spaces before the first word.
  let indentation: Int
  let tokens: [ScriptToken]
}

extension ScriptLine {
  /// Takes code apart; what is no code becomes signs that nothing understands.
  static func lines(of code: [UInt8]) -> [ScriptLine] {
    var lines: [ScriptLine] = []
    var scanner = ScriptScanner(code: code)
    while let line = scanner.line() {
      if !line.tokens.isEmpty { lines.append(line) }
    }
    return lines
  }
}

/// The code of one file, byte by byte.
private struct ScriptScanner {
  let code: [UInt8]
  private var place = 0

  init(code: [UInt8]) { self.code = code }

  private var next: UInt8? { place < code.count ? code[place] : nil }

  mutating func line() -> ScriptLine? {
    guard place < code.count else { return nil }
    let indentation = skip { $0 == UInt8(ascii: " ") }.count
    var tokens: [ScriptToken] = []
    var depth = 0
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\n"):
        place += 1
        if depth <= 0 { return ScriptLine(indentation: indentation, tokens: tokens) }
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): place += 1
      case UInt8(ascii: "#"): _ = skip { $0 != UInt8(ascii: "\n") }
      case UInt8(ascii: "\""), UInt8(ascii: "'"): tokens.append(text(until: byte))
      case _ where byte.isDigit: tokens.append(number())
      case _ where byte.isNamePart:
        tokens.append(.name(String(decoding: skip(while: \.isNamePart), as: UTF8.self)))
      default:
        if "([{".utf8.contains(byte) { depth += 1 }
        if ")]}".utf8.contains(byte) { depth -= 1 }
        tokens.append(.sign(Character(UnicodeScalar(byte))))
        place += 1
      }
    }
    return ScriptLine(indentation: indentation, tokens: tokens)
  }

  @discardableResult
  private mutating func skip(while belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = place
    while let byte = next, belongs(byte) { place += 1 }
    return code[start..<place]
  }

  private mutating func text(until quote: UInt8) -> ScriptToken {
    place += 1
    var bytes: [UInt8] = []
    while let byte = next, byte != quote, byte != UInt8(ascii: "\n") {
      place += 1
      // Escapes matter to nobody here: names of attributes need none.
      if byte == UInt8(ascii: "\\"), let escaped = next {
        place += 1
        bytes.append(escaped)
      } else {
        bytes.append(byte)
      }
    }
    if next == quote { place += 1 }
    return .text(String(decoding: bytes, as: UTF8.self))
  }

  private mutating func number() -> ScriptToken {
    var digits = Array(skip(while: \.isDigit))
    if next == UInt8(ascii: ".") {
      digits.append(UInt8(ascii: "."))
      place += 1
      digits += skip(while: \.isDigit)
    }
    if next == UInt8(ascii: "e") {
      digits.append(UInt8(ascii: "e"))
      place += 1
      digits += skip { $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    }
    let text = String(decoding: digits, as: UTF8.self)
    if let integer = Int(text) { return .integer(integer) }
    // PyTorch writes `0.` for zero.
    let padded = text.hasSuffix(".") ? text + "0" : text
    return Double(padded).map(ScriptToken.number) ?? .name(text)
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  fileprivate var isNamePart: Bool {
    isDigit || self == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
  }
}
