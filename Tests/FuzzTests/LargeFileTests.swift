import Foundation
import Testing

/// Files of some megabytes, too large to keep, whose every byte or two asks for much more.
@Suite struct LargeFileTests {
  static let files: [String: [UInt8]] = [
    "tuples in each other": legacy([0x29] + repeated([0x85], 4_000_000)),
    "dictionaries": legacy(repeated([0x7d, 0x30], 3_000_000) + [0x7d]),
    "remembered objects": legacy([0x4e] + repeated([0x94], 4_000_000)),
    "arrays of a header": safetensors(#"{"a":["# + String(repeating: "[0],", count: 1_000_000)),
    "objects of a header": safetensors(
      #"{"a":["# + String(repeating: #"{"":0},"#, count: 900_000)),
    "metadata": safetensors(
      #"{"__metadata__":{"#
        + (0..<1_000_000).map { #""\#(String($0, radix: 36))":"""# }.joined(separator: ",") + "}}"),
    "empty tensors": safetensors(
      "{"
        + (0..<100_000).map {
          #""\#(String($0, radix: 36))":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
        }.joined(separator: ",") + "}"),
  ]

  /// Models whose every byte or two stands for a structure of many more.
  static let models: [String: [UInt8]] = [
    // Fields of a graph: 1 is a node, 5 a tensor, 11 an input.
    "nodes": onnx(repeated([0x0a, 0], 199_999)),
    "nodes of an op": onnx(repeated([0x0a, 6, 0x22, 4] + Array("Relu".utf8), 190_000)),
    "operands": onnx(message(1, repeated([0x0a, 0], 3_000_000))),
    "operands with names": onnx(message(1, repeated([0x0a, 1, 0x78], 2_000_000))),
    "results": onnx(
      message(
        1,
        message(1, Array("x".utf8)) + repeated([0x12, 0], 900_000)
          + message(4, Array("Split".utf8)))
        + tensor("x", extents: [0])),
    "attributes": onnx(message(1, repeated([0x2a, 3, 0xa0, 1, 2], 500_000))),
    "tensors": onnx((0..<140_000).flatMap { tensor(String($0, radix: 36), extents: []) }),
    "extents of a tensor": onnx(message(5, repeated([8, 1], 3_000_000))),
    "inputs": onnx(repeated([0x5a, 0], 500_000)),
    "extents of an input": onnx(
      message(11, message(2, message(1, message(2, repeated([0x0a, 0], 900_000)))))),
    "texts of an attribute": onnx(
      message(1, message(5, repeated([0x4a, 0], 900_000) + [0xa0, 1, 8]))),
    "numbers of an attribute": onnx(
      message(1, message(5, repeated([0x40, 1], 900_000) + [0xa0, 1, 7]))),
    "operator sets": repeated([0x42, 0], 900_000),
    "functions": repeated([0xca, 1, 0], 300_000) + onnx([]),
    "chain": onnx(
      tensor("x", extents: [1])
        + (0..<100_000).flatMap { index in
          message(
            1,
            message(1, Array((index == 0 ? "x" : String(index - 1, radix: 36)).utf8))
              + message(2, Array(String(index, radix: 36).utf8)) + message(4, Array("Erf".utf8)))
        }),
  ]

  private static func onnx(_ graph: [UInt8]) -> [UInt8] {
    message(7, graph) + message(8, [0x10, 17])
  }

  private static func tensor(_ name: String, extents: [UInt8]) -> [UInt8] {
    let count = extents.reduce(4) { $0 * Int($1) }
    return message(
      5,
      extents.flatMap { [8, $0] } + [0x10, 1] + message(8, Array(name.utf8))
        + message(9, repeated([0], count)))
  }

  private static func message(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length = content.count
    var bytes = [field << 3 | 2]
    while length > 0x7f {
      bytes.append(UInt8(length & 0x7f) | 0x80)
      length >>= 7
    }
    return bytes + [UInt8(length)] + content
  }

  @Test(arguments: models.keys.sorted())
  func modelsAreReadOrRefusedWithinTheLimits(_ name: String) async throws {
    try await check(try #require(Self.models[name]))
  }

  private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    Array(repeatElement(bytes, count: count).joined())
  }

  private static func legacy(_ object: [UInt8]) -> [UInt8] {
    Readers.legacyHead + [0x80, 2] + object + [0x2e]
  }

  private static func safetensors(_ header: String) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + header.utf8
  }

  @Test(arguments: files.keys.sorted())
  func areReadOrRefusedWithinTheLimits(_ name: String) async throws {
    try await check(try #require(Self.files[name]))
  }

  private func check(_ content: [UInt8]) async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(content).write(to: file)
    let path = file.path
    await #expect(processExitsWith: .success) { [path = path as String] in
      try Limits.limitMemory(readingFileAt: path)
      Readers.readAll(path)
    }
  }
}
