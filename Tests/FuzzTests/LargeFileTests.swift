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
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(try #require(Self.files[name])).write(to: file)
    let path = file.path
    await #expect(processExitsWith: .success) { [path = path as String] in
      try Limits.limitMemory(readingFileAt: path)
      Readers.readAll(path)
    }
  }
}
