import Foundation
import GraphIR
import TestSupport
import Testing

/// Number types against PyTorch and NumPy: Fixtures/dtypes.json, made by tools/fixtures/dtypes.py.
struct TensorValueTests {
  static let fixture = Result { try DTypeFixture.load() }

  @Test(arguments: [
    DType.bool, .uint8, .int8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float64,
    .float32, .float8e4m3, .float8e5m2,
  ])
  func widens(_ dtype: DType) throws {
    let values = try #require(try Self.fixture.get().values[dtype.rawValue])
    let expected = Tensor(stored: values.floats, as: .float32)
    let found = try #require(Tensor(stored: values.stored, as: dtype).floats())
    #expect(canonical(found) == canonical(try #require(expected.floats())))
  }

  @Test(arguments: [DType.float16, .bfloat16])
  func widensEveryPattern(_ dtype: DType) throws {
    let expected = try #require(try Self.fixture.get().allPatterns[dtype.rawValue])
    let patterns = (0...UInt16.max).map(\.littleEndian)
    let stored = patterns.withUnsafeBytes { Data($0) }
    let found = try #require(Tensor(stored: stored, as: dtype).floats())
    #expect(checksum(canonical(found)) == expected)
  }

  @Test(arguments: [DType.float16, .bfloat16])
  func roundsAsPyTorch(_ dtype: DType) throws {
    let fixture = try Self.fixture.get()
    let expected = try #require(fixture.rounding[dtype.rawValue])
    let tricky = Tensor(stored: fixture.tricky, as: .float32)
    let rounded = try #require(tricky.rounded(to: dtype)).tensor
    #expect(rounded.dtype == dtype)
    #expect(
      canonical(words(rounded)) == canonical(words(Tensor(stored: expected.tricky, as: dtype))))

    func canonical(_ words: [UInt16]) -> [UInt16] {
      let floats = Tensor(shape: [words.count], dtype, words).floats() ?? []
      return zip(words, floats).map { $1.isNaN ? 0x7fc0 : $0 }
    }
    let (high, low) = (counter("bits/high", 20000), counter("bits/low", 20000))
    let random = zip(high, low).map { Float(bitPattern: UInt32($0) << 16 | UInt32($1)) }
    let result = try #require(Tensor(shape: [20000], random).rounded(to: dtype)).tensor
    #expect(checksum(canonical(words(result))) == expected.random)
  }

  @Test func reportsTheLoss() throws {
    let tensor = Tensor(shape: [3], [1, 1 + 0x1p-9, 0])
    let loss = try #require(tensor.rounded(to: .bfloat16)).loss
    #expect(loss.absolute == 0x1p-9)
    #expect(loss.relative == 0x1p-9 / (1 + 0x1p-9 as Float))
    let same = try #require(tensor.rounded(to: .float32)).loss
    #expect(same.absolute == 0 && same.relative == 0)
    // What does not fit becomes infinite, and so does the loss.
    let large = try #require(Tensor(shape: [2], [65520, 1]).rounded(to: .float16))
    #expect(large.loss.absolute == .infinity)
  }

  @Test func complexHasNoFloats() {
    let tensor = Tensor(stored: Data(count: 16), as: .complex64)
    #expect(tensor.floats() == nil)
    #expect(tensor.rounded(to: .float16) == nil)
    #expect(Tensor(stored: Data(count: 16), as: .complex128).floats() == nil)
    #expect(Tensor(shape: [1], [1]).rounded(to: .int8) == nil)
  }

  @Test func readsFromOddAddresses() throws {
    let storage = ByteStorage(count: 9) { memory in
      memory.storeBytes(of: 0, toByteOffset: 0, as: UInt8.self)
      memory.storeBytes(of: 1.5, toByteOffset: 1, as: Float.self)
      memory.storeBytes(of: -2, toByteOffset: 5, as: Float.self)
    }
    let tensor = Tensor(dtype: .float32, shape: [2], storage: storage, byteOffset: 1)
    #expect(tensor.floats() == [1.5, -2])
    #expect(tensor.withFloats(Array.init) == [1.5, -2])
    #expect(tensor.reshaped(to: [1, 2]).floats() == [1.5, -2])
  }

  @Test func byteWidths() {
    let widths: [DType: Int] = [
      .bool: 1, .uint8: 1, .int8: 1, .int16: 2, .uint16: 2, .int32: 4, .uint32: 4, .int64: 8,
      .uint64: 8, .float8e4m3: 1, .float8e5m2: 1, .float16: 2, .bfloat16: 2, .float32: 4,
      .float64: 8, .complex64: 8, .complex128: 16,
    ]
    #expect(Set(widths.keys) == Set(DType.allCases))
    for (dtype, width) in widths { #expect(dtype.byteWidth == width) }
  }

  private func canonical(_ floats: [Float]) -> [UInt32] {
    floats.map { $0.isNaN ? 0x7fc0 : $0.bitPattern }
  }

  private func words(_ tensor: Tensor) -> [UInt16] {
    tensor.withUnsafeBytes { bytes in
      (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self) }
    }
  }

  /// FNV-1a over the little-endian bytes.
  private func checksum(_ words: [some FixedWidthInteger]) -> String {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for word in words {
      withUnsafeBytes(of: word.littleEndian) { bytes in
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
      }
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private func counter(_ stream: String, _ count: Int) -> [UInt16] {
    CounterFill.uniform(stream, count: count).map { UInt16($0 * 65536) }
  }
}

struct DTypeFixture: Decodable {
  struct Values: Decodable {
    let stored: Data
    let floats: Data
  }

  struct Rounded: Decodable {
    let tricky: Data
    let random: String
  }

  let allPatterns: [String: String]
  let values: [String: Values]
  let rounding: [String: Rounded]
  let tricky: Data

  static func load() throws -> DTypeFixture {
    let url = try #require(
      Bundle.module.url(forResource: "dtypes", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(DTypeFixture.self, from: Data(contentsOf: url))
  }
}

extension Tensor {
  /// A list of stored values.
  init(stored: Data, as dtype: DType) {
    let storage = ByteStorage(count: stored.count) { memory in
      stored.withUnsafeBytes { memory.copyMemory(from: $0) }
    }
    self.init(dtype: dtype, shape: [stored.count / dtype.byteWidth], storage: storage)
  }

  init(shape: Shape, _ dtype: DType, _ words: [UInt16]) {
    self.init(stored: words.withUnsafeBytes { Data($0) }, as: dtype)
  }
}
