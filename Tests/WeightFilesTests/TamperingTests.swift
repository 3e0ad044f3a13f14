import Foundation
import GraphIR
import Testing
import WeightFiles

/// Every change of a native file is noticed.
@Suite struct TamperingTests {
  /// A changed file must not pass for a foreign one either: it would be converted unchecked.
  private func isRefused(_ url: URL) -> Bool {
    switch problem(reading: url) {
    case nil, .noProfile: false
    default: true
    }
  }

  @Test func anyByteChanged() throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: fixture("native.safetensors"))
    var random = SystemRandomNumberGenerator()
    for index in original.indices {
      var bytes = original
      let flip = UInt8.random(in: 1...255, using: &random)
      bytes[index] ^= flip
      let url = try folder.file("changed", bytes)
      #expect(isRefused(url), "byte \(index) ^ \(flip)")
      // What stands before the data is guarded even where the data is not read.
      if index < 8 + original[0..<8].reversed().reduce(0, { $0 << 8 | Int($1) }) {
        #expect(problem { _ = try WeightFile(contentsOf: url, verifying: .header) } != nil)
      }
    }
  }

  @Test func anyValueOfSomeBytes() throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: fixture("native.safetensors"))
    // The length; the opening; the first digits of the header's digest; the profile's key; padding;
    // the first and last bytes of the data.
    let headerEnd = 8 + original[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let places = [0, 1, 2, 7, 8, 9, 12, 26, 30, 48, 50, 51, 52, 113, 116, 119, 125, 127]
    for index in places + [headerEnd - 1, headerEnd, original.count - 1] {
      for value in UInt8.min...UInt8.max where value != original[index] {
        var bytes = original
        bytes[index] = value
        #expect(isRefused(try folder.file("changed", bytes)), "byte \(index) = \(value)")
      }
    }
  }

  @Test func digitsInAnotherCase() throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: fixture("native.safetensors"))
    let letters = (50..<114).filter {
      (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(original[$0])
    }
    #expect(letters.count > 10)
    for index in letters {
      var bytes = original
      bytes[index] ^= 0x20
      #expect(problem(reading: try folder.file("changed", bytes)) == .headerChanged)
    }
  }

  @Test func truncatedAnywhere() throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: fixture("native.safetensors"))
    for count in 0..<original.count {
      #expect(isRefused(try folder.file("cut", original.prefix(count))), "\(count) bytes")
    }
  }

  @Test func bytesAdded() throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: fixture("native.safetensors"))
    let url = try folder.file("long", original + [0])
    #expect(
      problem(reading: url) == .dataEnd(original.count, byteCount: original.count + 1))
  }

  @Test func sampledBytesOfALargeFile() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("large.safetensors")
    let tensors = (0..<24).map { index in
      TensorToWrite(
        name: "layer\(index).weight",
        Tensor(shape: [32, 1024]) { values in
          for i in values.indices { values[i] = Float(index * values.count + i) * 0.01 }
        })
    }
    let written = try WeightFile.write(.sample, tensors: tensors, to: url)
    #expect(written.byteCount > 3_000_000)
    #expect(problem(reading: url) == nil)
    let file = try FileHandle(forUpdating: url)
    for _ in 0..<100 {
      let offset = UInt64.random(in: 0..<UInt64(written.byteCount))
      try file.seek(toOffset: offset)
      let byte = try #require(try file.read(upToCount: 1)?.first)
      try file.seek(toOffset: offset)
      try file.write(contentsOf: [byte ^ UInt8.random(in: 1...255)])
      #expect(isRefused(url), "byte \(offset)")
      try file.seek(toOffset: offset)
      try file.write(contentsOf: [byte])
    }
    #expect(problem(reading: url) == nil)
  }

  @Test func headerOnlyLeavesTheDataAlone() throws {
    let folder = try TemporaryFolder()
    var bytes = try Data(contentsOf: fixture("native.safetensors"))
    bytes[bytes.count - 1] ^= 1
    let url = try folder.file("changed", bytes)
    #expect(problem(reading: url) == .tensorChanged("flags"))
    #expect(try WeightFile(contentsOf: url, verifying: .header).profile == .sample)
  }

  /// Re-saving with another program keeps the profile but moves the digest.
  @Test func rewrittenByAnotherProgram() throws {
    let folder = try TemporaryFolder()
    for key in ["xrayzoo", "xrayzoo-header-sha256"] {
      let url = try folder.file("a", safetensors(#"{"__metadata__":{"a":"b","\#(key)":"{}"}}"#))
      #expect(problem(reading: url) == .headerChanged)
    }
  }
}
