import GraphIR
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    ("0", JSONValue.integer(0)), ("-7", .integer(-7)), ("1.0", .number(1)), ("1e2", .number(100)),
    ("-1.5E-3", .number(-0.0015)), ("9223372036854775807", .integer(.max)),
    ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number(0x1p63)),
    ("\t\r\n [ ] ", .array([])),
    (
      #"{"a":{"b":[1,null,true,false]}}"#,
      .object(["a": .object(["b": .array([.integer(1), .null, .bool(true), .bool(false)])])])
    ),
    (#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é""#, .string("\"\\/\u{8}\u{c}\n\r\tAé😀é")),
    (#""\u0000""#, .string("\0")), (#"{"":1}"#, .object(["": .integer(1)])),
  ])
  func accepted(_ text: String, _ expected: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == expected)
  }

  @Test func negativeZeroKeepsItsSign() throws {
    guard case .number(let value) = try JSONValue(parsing: "-0") else {
      Issue.record("not a number")
      return
    }
    #expect(value.sign == .minus && value == 0)
  }

  @Test(arguments: [
    ("", 0, JSONSyntaxError.Problem.unexpectedEnd), ("[1", 2, .unexpectedEnd),
    (#""abc"#, 4, .unexpectedEnd), (#""a\"#, 3, .unexpectedEnd), ("-", 1, .unexpectedEnd),
    (#"{"a""#, 4, .unexpectedEnd), (#""\u12"#, 5, .unexpectedEnd),
    ("tru", 0, .unexpectedByte(expected: "`true`")),
    ("NaN", 0, .unexpectedByte(expected: "a value")),
    ("[1,]", 3, .unexpectedByte(expected: "a value")),
    ("+1", 0, .unexpectedByte(expected: "a value")),
    (#"{"a":1,}"#, 7, .unexpectedByte(expected: "a key")),
    ("{1:2}", 1, .unexpectedByte(expected: "a key")),
    (#"{"a" 1}"#, 5, .unexpectedByte(expected: "a colon")),
    ("[1 2]", 3, .unexpectedByte(expected: "a comma or `]`")),
    (#"{"a":1"b":2}"#, 6, .unexpectedByte(expected: "a comma or `}`")),
    ("1.", 2, .unexpectedEnd), ("1.x", 2, .unexpectedByte(expected: "a digit")),
    ("01", 1, .trailingBytes), ("1 1", 2, .trailingBytes), ("0x10", 1, .trailingBytes),
    ("1e999", 0, .numberOutOfRange), ("[-1e999]", 1, .numberOutOfRange),
    (String(repeating: "1", count: 129), 0, .numberOutOfRange),
    (#"{"a":1,"a":2}"#, 7, .duplicateKey("a")), (#"{"a":1,"\u0061":2}"#, 7, .duplicateKey("a")),
    ("{\"é\":1,\"e\u{301}\":2}", 8, .duplicateKey("é")),
    ("\"\u{1}\"", 1, .controlCharacter), ("\"a\nb\"", 2, .controlCharacter),
    (#""\x""#, 2, .invalidEscape), (#""\u12g4""#, 5, .invalidEscape),
    (#""\ud800""#, 2, .invalidEscape), (#""\ud800\n""#, 2, .invalidEscape),
    (#""\udc00""#, 2, .invalidEscape), (#""\ud800\ud800""#, 2, .invalidEscape),
    (String(repeating: "[", count: 1_000_000), 64, .tooDeep(limit: 64)),
    (
      String(repeating: "[", count: 65) + String(repeating: "]", count: 65), 64, .tooDeep(limit: 64)
    ),
  ])
  func refused(_ text: String, _ offset: Int, _ problem: JSONSyntaxError.Problem) {
    #expect(throws: JSONSyntaxError(offset: offset, problem: problem)) {
      try JSONValue(parsing: text)
    }
  }

  @Test func deepestAccepted() throws {
    let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try JSONValue(parsing: text).text == text)
  }

  @Test(arguments: [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]] as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(throws: JSONSyntaxError(offset: 1, problem: .invalidUTF8)) {
      try ([quote] + bytes + [quote]).withUnsafeBytes { try JSONValue(parsing: $0) }
    }
  }

  /// Each of these would take more than a hundred times its bytes.
  @Test(arguments: ["0,", "[],", "{},", #"{"":0},"#])
  func valuesThatFillTheMemory(_ piece: String) {
    let text = "[" + String(repeating: piece, count: 1_000_000) + "0]"
    let limit = JSONLimits.memory + JSONLimits.memoryPerByte * text.utf8.count
    #expect {
      try JSONValue(parsing: text)
    } throws: { error in
      (error as? JSONSyntaxError)?.problem == .tooLarge(limit: limit)
    }
  }

  @Test func membersThatFillTheMemory() {
    let members = (0..<400_000).map { #""\#(String($0, radix: 36))":0"# }
    let text = "{" + members.joined(separator: ",") + "}"
    let limit = JSONLimits.memory + JSONLimits.memoryPerByte * text.utf8.count
    #expect {
      try JSONValue(parsing: text)
    } throws: { error in
      (error as? JSONSyntaxError)?.problem == .tooLarge(limit: limit)
    }
  }

  /// The table of contents of a file with more tensors than any published model has.
  @Test func tablesOfContents() throws {
    let lines = (0..<30_000).map {
      #""features.block.\#($0).weight":{"dtype":"F32","shape":[64,64,3,3],"data_offsets":[0,9]}"#
    }
    let table = try JSONValue(parsing: "{" + lines.joined(separator: ",") + "}")
    #expect(table["features.block.29999.weight"]?["dtype"] == .string("F32"))
  }

  /// Python's `json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=False)`, but for 1e16.
  @Test(arguments: [
    (
      JSONValue.object(["b": .integer(1), "a": .null, "B": .bool(true)]),
      #"{"B":true,"a":null,"b":1}"#
    ),
    (
      .array([
        .number(0.1), .number(1), .number(1e300), .number(.leastNonzeroMagnitude), .number(-0.0),
      ]),
      "[0.1,1.0,1e+300,5e-324,-0.0]"
    ),
    (.string("\"\\/\n\r\t\u{1f}\u{7f}é"), "\"\\\"\\\\/\\n\\r\\t\\u001f\u{7f}é\""),
    (
      .object(["é": .integer(1), "z": .integer(2), "\u{ffff}": .integer(3), "😀": .integer(4)]),
      "{\"z\":2,\"é\":1,\"\u{ffff}\":3,\"😀\":4}"
    ),
  ])
  func text(_ value: JSONValue, _ expected: String) throws {
    #expect(value.text == expected)
    #expect(try JSONValue(parsing: value.text) == value)
  }

  @Test(arguments: [
    (JSONFieldError.missing(path: "a.b"), "a.b is missing"),
    (
      .wrongType(path: "a.b", expected: "a string", found: "null"), "a.b must be a string, not null"
    ),
    (
      .unknownKey(path: "a", key: "ulr", nearest: "url"),
      #"a has an unknown key "ulr" (did you mean "url"?)"#
    ),
    (.unknownKey(path: "a", key: "\u{1b}[2J", nearest: nil), #"a has an unknown key "?[2J""#),
  ])
  func fieldSentences(_ error: JSONFieldError, _ expected: String) {
    #expect("\(error)" == expected)
  }

  @Test(arguments: [
    (JSONSyntaxError.Problem.unexpectedEnd, "the text ends too early at byte 9"),
    (.unexpectedByte(expected: "a key"), "expected a key at byte 9"),
    (.trailingBytes, "something follows the value at byte 9"),
    (.duplicateKey("a"), #"the key "a" occurs twice at byte 9"#),
    (.invalidUTF8, "a string is not UTF-8 at byte 9"),
    (.invalidEscape, "a string has an escape that JSON does not know at byte 9"),
    (.controlCharacter, "a string has a bare control character at byte 9"),
    (.numberOutOfRange, "a number is too large at byte 9"),
    (.tooDeep(limit: 64), "more than 64 arrays and objects inside each other at byte 9"),
    (.tooLarge(limit: 5), "values that fill more than 5 bytes of memory at byte 9"),
  ])
  func syntaxSentences(_ problem: JSONSyntaxError.Problem, _ expected: String) {
    #expect("\(JSONSyntaxError(offset: 9, problem: problem))" == expected)
  }

  @Test func quotedTextIsOneShortLine() {
    #expect("a\u{1b}[31m\nb\u{202e}".quoted == "\"a?[31m?b?\"")
    #expect(
      String(repeating: "é", count: 80).quoted == "\"" + String(repeating: "é", count: 80) + "\"")
    #expect(
      String(repeating: "x", count: 81).quoted == "\"" + String(repeating: "x", count: 80) + "…\"")
  }
}
