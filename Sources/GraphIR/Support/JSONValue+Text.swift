extension JSONValue {
  /// The value as compact JSON, the same bytes for the same value on every platform.
  ///
  /// Keys are in the order of their UTF-8 bytes, numbers are the shortest that read back exactly,
  /// and only quotation marks, backslashes and control characters are escaped. JSON has no infinity
  /// and no NaN: with one of those the text is none that a parser accepts.
  package var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += String(value)
    case .string(let value): JSONValue.write(value, to: &text)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        element.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, key) in members.keys.sortedByUTF8().enumerated() {
        if index > 0 { text += "," }
        JSONValue.write(key, to: &text)
        text += ":"
        (members[key] ?? .null).write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension Sequence<String> {
  /// The strings in the order of their UTF-8 bytes, which needs no Unicode tables to repeat.
  package func sortedByUTF8() -> [String] {
    // Arrays compare several times as fast as strings' views, and a header has hundreds of names.
    map { (bytes: ContiguousArray($0.utf8), text: $0) }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
      .map(\.text)
  }
}
