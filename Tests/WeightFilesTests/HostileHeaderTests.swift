import Foundation
import GraphIR
import Testing
import WeightFiles

/// Headers that break one rule each, written out.
@Suite struct HostileHeaderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let header: String
    var data = 4
    let problem: WeightFileError.Problem
    var testDescription: String { String(header.prefix(80)) }
  }

  static func syntax(_ offset: Int, _ problem: JSONSyntaxError.Problem) -> WeightFileError.Problem {
    .headerSyntax(JSONSyntaxError(offset: offset, problem: problem))
  }

  static func one(
    dtype: String = #""F32""#, shape: String = "[1]", offsets: String = "[0,4]"
  ) -> String {
    #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  @Test(arguments: [
    Case(header: "", problem: .notSafetensors),
    Case(header: "[]", problem: .notSafetensors),
    Case(header: " {}", data: 0, problem: .notSafetensors),
    Case(header: "{", problem: syntax(1, .unexpectedEnd)),
    Case(header: "{} x", problem: syntax(3, .trailingBytes)),
    Case(header: "{}", data: 1, problem: .dataEnd(10, byteCount: 11)),
    Case(
      header: String(repeating: #"{"a":"#, count: 100_000),
      problem: syntax(320, .tooDeep(limit: 64))),
    Case(
      header: #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{}}"#,
      problem: syntax(54, .duplicateKey("a"))),
    Case(
      header: #"{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#,
      problem: syntax(20, .duplicateKey("dtype"))),
    Case(header: #"{"\ud800":{}}"#, problem: syntax(3, .invalidEscape)),
    Case(header: #"{"__metadata__":[]}"#, problem: .metadata),
    Case(header: #"{"__metadata__":{"a":1}}"#, problem: .metadata),

    Case(header: #"{"a":{}}"#, problem: .entry(tensor: "a")),
    Case(header: #"{"a":[]}"#, problem: .entry(tensor: "a")),
    Case(header: one(offsets: "[0]"), problem: .entry(tensor: "a")),
    Case(header: one(offsets: "[0,4,8]"), problem: .entry(tensor: "a")),
    Case(header: one(offsets: "[0.0,4]"), problem: .entry(tensor: "a")),
    Case(header: one(offsets: "[null,4]"), problem: .entry(tensor: "a")),
    Case(header: one(offsets: "[0,18446744073709551615]"), problem: .entry(tensor: "a")),
    Case(
      header: one(offsets: "[NaN,4]"), problem: syntax(48, .unexpectedByte(expected: "a value"))),
    Case(header: one(offsets: "[0,1e999]"), problem: syntax(50, .numberOutOfRange)),
    Case(
      header: one(offsets: "[-4,0]"),
      problem: .offsets(tensor: "a", start: -4, end: 0, available: 4)),
    Case(
      header: one(offsets: "[4,0]"), problem: .offsets(tensor: "a", start: 4, end: 0, available: 4)),
    Case(
      header: one(offsets: "[0,5]"), problem: .offsets(tensor: "a", start: 0, end: 5, available: 4)),
    Case(
      header: one(offsets: "[-9223372036854775808,9223372036854775807]"),
      problem: .offsets(tensor: "a", start: .min, end: .max, available: 4)),

    Case(header: one(dtype: "7"), problem: .entry(tensor: "a")),
    Case(header: one(dtype: #""F31""#), problem: .dtype("F31", tensor: "a")),
    Case(header: one(dtype: #""C128""#), problem: .dtype("C128", tensor: "a")),
    Case(header: one(shape: "[-1]"), problem: .shape(tensor: "a")),
    Case(header: one(shape: "[1.5]"), problem: .shape(tensor: "a")),
    Case(header: one(shape: "[true]"), problem: .shape(tensor: "a")),
    Case(header: one(shape: "[4611686018427387904,4]"), problem: .shape(tensor: "a")),
    Case(header: one(shape: "[4611686018427387904]"), problem: .shape(tensor: "a")),
    Case(
      header: one(shape: "[2]"), problem: .size(tensor: "a", found: 4, expected: 8)),
    Case(
      header: one(shape: "[0]"), problem: .size(tensor: "a", found: 4, expected: 0)),

    // A hole in front, a hole between, an overlap, and bytes behind the last tensor.
    Case(
      header: one(offsets: "[4,8]"), data: 8,
      problem: .misplaced(tensor: "a", start: 66, expected: 62)),
    Case(
      header: #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#, data: 3,
      problem: .misplaced(tensor: "b", start: 115, expected: 114)),
    Case(
      header: #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, data: 3,
      problem: .misplaced(tensor: "b", start: 114, expected: 115)),
    Case(
      header: #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, data: 2,
      problem: .misplaced(tensor: "b", start: 113, expected: 115)),
    Case(header: one(), data: 5, problem: .dataEnd(66, byteCount: 67)),
  ])
  func refused(_ example: Case) throws {
    let folder = try TemporaryFolder()
    let data = [UInt8](repeating: 0, count: example.data)
    let url = try folder.file("a", safetensors(example.header, data: data))
    #expect(problem { _ = try SafetensorsFile(contentsOf: url) } == example.problem)
    #expect(problem(reading: url) == example.problem)
  }

  @Test(arguments: [UInt64(3), 1 << 20, 100_000_001, 1 << 63, .max])
  func lyingLength(_ length: UInt64) throws {
    let folder = try TemporaryFolder()
    let url = try folder.file(
      "a", withUnsafeBytes(of: length.littleEndian) { Array($0) } + [0x7b, 0x7d])
    #expect(
      problem(reading: url) == .headerLength(length, byteCount: 10, limit: 100_000_000))
  }

  @Test(arguments: 1..<8)
  func shorterThanALength(_ count: Int) throws {
    let folder = try TemporaryFolder()
    let url = try folder.file("a", [UInt8](repeating: 0, count: count))
    #expect(problem(reading: url) == .tooShort(byteCount: count))
  }
}
