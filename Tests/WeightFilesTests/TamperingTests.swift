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

  /// A copy of the fixture that is changed in place, and its bytes.
  private func copy(in folder: TemporaryFolder) throws -> (url: URL, bytes: [UInt8]) {
    let data = try Data(contentsOf: fixture("native.safetensors"))
    return (try folder.file("copy", data), Array(data))
  }

  private func headerEnd(_ bytes: [UInt8]) -> Int {
    8 + bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  @Test func anyByteChanged() throws {
    let folder = try TemporaryFolder()
    let (url, bytes) = try copy(in: folder)
    for index in bytes.indices {
      let changed = bytes[index] ^ UInt8.random(in: 1...255)
      try patch(url, at: index, with: changed)
      #expect(isRefused(url), "byte \(index) = \(changed)")
      // What stands before the data is guarded even where the data is not read.
      if index < headerEnd(bytes) {
        #expect(problem { _ = try WeightFile(contentsOf: url, verifying: .header) } != nil)
      }
      try patch(url, at: index, with: bytes[index])
    }
    #expect(problem(reading: url) == nil)
  }

  @Test func anyValueOfSomeBytes() throws {
    let folder = try TemporaryFolder()
    let (url, bytes) = try copy(in: folder)
    // The length; the opening; the first and last digits of the header's digest; the profile's key;
    // padding; the first and last bytes of the data.
    let end = headerEnd(bytes)
    for index in [0, 1, 7, 8, 9, 26, 48, 50, 51, 113, 116, 119, end - 1, end, bytes.count - 1] {
      for value in UInt8.min...UInt8.max where value != bytes[index] {
        try patch(url, at: index, with: value)
        #expect(isRefused(url), "byte \(index) = \(value)")
      }
      try patch(url, at: index, with: bytes[index])
    }
    #expect(problem(reading: url) == nil)
  }

  @Test func digitsInAnotherCase() throws {
    let folder = try TemporaryFolder()
    let (url, bytes) = try copy(in: folder)
    let letters = (50..<114).filter { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(bytes[$0]) }
    #expect(letters.count > 10)
    for index in letters {
      try patch(url, at: index, with: bytes[index] ^ 0x20)
      #expect(problem(reading: url) == .headerChanged)
      try patch(url, at: index, with: bytes[index])
    }
  }

  @Test func truncatedAnywhere() throws {
    let folder = try TemporaryFolder()
    let (url, bytes) = try copy(in: folder)
    for count in bytes.indices.reversed() {
      #expect(truncate(url.path, off_t(count)) == 0)
      #expect(isRefused(url), "\(count) bytes")
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
    let bytes = try Data(contentsOf: url)
    for _ in 0..<100 {
      let index = Int.random(in: bytes.indices)
      try patch(url, at: index, with: bytes[index] ^ UInt8.random(in: 1...255))
      #expect(isRefused(url), "byte \(index)")
      try patch(url, at: index, with: bytes[index])
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
