import Foundation
import Testing
import XRayZoo
import ZooFixtures

@Suite struct NumPyArrayTests {
  private func fixture(_ name: String) -> String { ZooFixtures.path("arrays/\(name).npy") }

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture(name))))
  }

  private func refusal(_ bytes: some Sequence<UInt8>) -> String? {
    message { _ = try NumPyArray.decode(Data(bytes), file: "x.npy") }
  }

  /// A version 1.0 file with some header and a number of zero bytes.
  private func file(_ header: String, values: Int = 0, version: [UInt8] = [1, 0]) -> [UInt8] {
    let length = header.utf8.count
    return [0x93] + Array("NUMPY".utf8) + version + [UInt8(length & 255), UInt8(length >> 8)]
      + Array(header.utf8) + [UInt8](repeating: 0, count: values)
  }

  /// No network takes complex numbers, but a constant may be some.
  @Test func complexNumbersAreWrittenAsSuch() {
    let storage = ByteStorage(count: 8) { memory in
      memory.storeBytes(of: 1.5 as Float, as: Float.self)
      memory.storeBytes(of: -2 as Float, toByteOffset: 4, as: Float.self)
    }
    let data = NumPyArray.encode(Tensor(dtype: .complex64, shape: [1], storage: storage))
    let header = String(decoding: data.prefix(128), as: UTF8.self)
    #expect(header.contains("'descr': '<c8'"))
    #expect(data.count == 128 + 8)
    #expect([UInt8](data.suffix(8)) == [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0])
  }

  @Test(arguments: [
    ("f2", DType.float16), ("f4", .float32), ("f8", .float64), ("i1", .int8), ("i2", .int16),
    ("i4", .int32), ("i8", .int64), ("u1", .uint8), ("u2", .uint16), ("u4", .uint32),
    ("u8", .uint64),
  ])
  func readsWhatNumPyWrote(_ name: String, _ dtype: DType) throws {
    let tensor = try NumPyArray.read(fixture(name))
    #expect(tensor.dtype == dtype)
    #expect(tensor.shape == [2, 3])
    #expect(tensor.floats() == [0, 1, 2, 100, 3, 7])
  }

  @Test func readsOtherShapesAndVersions() throws {
    #expect(try NumPyArray.read(fixture("b1")).floats() == [0, 1, 1, 1, 1, 1])
    for name in ["version2", "version3"] {
      #expect(try NumPyArray.read(fixture(name)).floats() == [0, 1, 2, 100, 3, 7])
    }
    let scalar = try NumPyArray.read(fixture("scalar"))
    #expect(scalar.shape == [])
    #expect(scalar.floats() == [2.5])
    #expect(try NumPyArray.read(fixture("vector")).shape == [5])
    #expect(try NumPyArray.read(fixture("empty")).shape == [0, 4])
  }

  @Test func writesTheBytesOfNumPy() throws {
    let values: [Float] = [0, 1, 2, 100, 3, 7]
    #expect(try [UInt8](NumPyArray.encode(Tensor(shape: [2, 3], values))) == bytes("f4"))
    #expect(
      try [UInt8](NumPyArray.encode(Tensor(shape: [5], [0, 1, 2, 3, 4]))) == bytes("vector"))
    #expect(try [UInt8](NumPyArray.encode(Tensor(shape: [], [2.5]))) == bytes("scalar"))
    #expect(try [UInt8](NumPyArray.encode(Tensor(shape: [0, 4], []))) == bytes("empty"))
  }

  @Test func whatIsWrittenIsReadBackBitForBit() throws {
    let values: [Float] = [-0.0, .infinity, .nan, .leastNonzeroMagnitude, -3.4e38, 1 / 3]
    let data = NumPyArray.encode(Tensor(shape: [1, 2, 3, 1], values))
    let tensor = try NumPyArray.decode(data, file: "x.npy")
    #expect(tensor.shape == [1, 2, 3, 1])
    #expect(tensor.floats()?.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test(arguments: [
    ("fortran", "is in Fortran order"), ("big-endian", "of type >f4"), ("complex", "of type <c8"),
    ("text", "of type <U1"), ("object", "of type |O"), ("record", "does not describe an array"),
  ])
  func refusesWhatItDoesNotRead(_ name: String, _ reason: String) throws {
    let text = try #require(message { _ = try NumPyArray.read(fixture(name)) })
    #expect(text.hasPrefix(fixture(name) + ":"))
    #expect(text.contains(reason))
  }

  @Test(arguments: ["f4", "version2"])
  func refusesEveryTruncationAndAnAddedByte(_ name: String) throws {
    let whole = try bytes(name)
    for length in 0..<whole.count {
      #expect(refusal(whole.prefix(length)) != nil, "\(length) bytes")
    }
    #expect(refusal(whole) == nil)
    #expect(refusal(whole + [0]) != nil)
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0x2,), }",
    "{'descr': '<f4', 'fortran_order': maybe, 'shape': (2,), }",
    "{'descr': '', 'fortran_order': False, 'shape': (2,), }",
    "{'fortran_order': False, 'shape': (2,), }", "{}", "", "\u{0}\u{0}\u{0}",
  ])
  func refusesHostileHeaders(_ header: String) {
    #expect(refusal(file(header, values: 8))?.hasPrefix("x.npy: ") == true)
  }

  @Test func refusesOtherFilesAndVersions() throws {
    #expect(refusal(Array("just some words of text".utf8))?.contains("numpy.save") == true)
    var later = try bytes("f4")
    later[6] = 4
    #expect(refusal(later)?.contains("version 4") == true)
    // A header of two gigabytes.
    var long = try bytes("version2")
    long.replaceSubrange(8..<12, with: [255, 255, 255, 127])
    #expect(refusal(long)?.contains("header") == true)
    let folder = try TemporaryFolder()
    #expect(message { _ = try NumPyArray.read(folder.path) }?.contains("is a folder") == true)
    #expect(
      message { _ = try NumPyArray.read(folder.file("none.npy")) }?.contains("no such file")
        == true)
  }

  @Test func survivesEveryChangedByte() throws {
    let whole = try bytes("f4")
    for position in 0..<128 {
      for value: UInt8 in [0, 0x27, 0x29, 0x39, 0xff, whole[position] ^ 1] {
        var changed = whole
        changed[position] = value
        if let tensor = try? NumPyArray.decode(Data(changed), file: "x.npy") {
          #expect(tensor.byteCount == whole.count - 128)
        }
      }
    }
  }
}
