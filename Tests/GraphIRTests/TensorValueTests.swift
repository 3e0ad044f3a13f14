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

  @Test func complexHasNoFloats() {
    let tensor = Tensor(stored: Data(count: 16), as: .complex64)
    #expect(tensor.floats() == nil)
    #expect(Tensor(stored: Data(count: 16), as: .complex128).floats() == nil)
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
}

/// FNV-1a over the little-endian bytes.
func checksum(_ words: [some FixedWidthInteger]) -> String {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325
  for word in words {
    withUnsafeBytes(of: word.littleEndian) { bytes in
      for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
  }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
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

  struct Doubles: Decodable {
    let stored: Data
    let loss: [Double]
  }

  let allPatterns: [String: String]
  let values: [String: Values]
  let rounding: [String: Rounded]
  let tricky: Data
  /// The largest absolute and relative differences of the stream "loss" in -2 ..< 2.
  let loss: [String: [Double]]
  /// 64-bit numbers, and what becomes of them; the loss is that of those below 60000.
  let doubles: [String: Doubles]

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
