import Foundation
import GraphIR
import Testing

/// Tensors in mapped files.
struct MappingTests {
  /// Maps a file of consecutive 32-bit numbers.
  private func withMapping(count: Int, _ body: (ByteStorage) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    try Data((0..<UInt32(count)).flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } })
      .write(to: url)
    try body(ByteStorage.mapping(url.path(percentEncoded: false)))
  }

  private func numbers(_ tensor: Tensor) -> [UInt32] {
    tensor.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
  }

  /// Neither a tensor's values nor its neighbours' depend on which pages were let go.
  @Test(arguments: [(0, 1), (0, 100_000), (1, 99_999), (5000, 5001), (7, 60_000)])
  func discardedValuesComeBack(_ start: Int, _ end: Int) throws {
    try withMapping(count: 100_000) { storage in
      let all = Tensor(dtype: .uint32, shape: [100_000], storage: storage)
      let part = Tensor(
        dtype: .uint32, shape: [end - start], storage: storage, byteOffset: 4 * start)
      let expected = (0..<100_000).map { UInt32($0) }
      #expect(numbers(all) == expected)
      part.discardPages()
      #expect(numbers(part) == Array(expected[start..<end]))
      #expect(numbers(all) == expected)
    }
  }

  @Test func memoryWithoutAFileIsKept() {
    let tensor = Tensor(shape: [100_000], Array(repeating: 1.5, count: 100_000))
    tensor.discardPages()
    #expect(tensor.floats() == Array(repeating: 1.5, count: 100_000))
  }

  #if os(Linux)
    @Test func discardingGivesMemoryBack() throws {
      try withMapping(count: 1 << 20) { storage in
        let tensor = Tensor(dtype: .uint32, shape: [1 << 20], storage: storage)
        #expect(numbers(tensor).last == UInt32(1 << 20 - 1))
        let before = try residentKilobytes(at: storage)
        tensor.discardPages()
        let after = try residentKilobytes(at: storage)
        #expect(before == 4096 && after == 0)
      }
    }

    /// What the kernel counts for the mapping that holds the storage.
    private func residentKilobytes(at storage: ByteStorage) throws -> Int {
      let address = String(UInt(bitPattern: storage.bytes.baseAddress), radix: 16)
      let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
      let maps = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
      let lines = maps.split(separator: "\n").drop { !$0.hasPrefix(address + "-") }
      let resident = try #require(lines.first { $0.hasPrefix("Rss:") })
      return try #require(Int(resident.split(separator: " ")[1]))
    }
  #endif
}
