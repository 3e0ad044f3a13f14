import Foundation
import Testing

/// A float32 `.npy` file, read and made by nothing but its specification.
struct NPY {
  let shape: String
  let floats: [Float]

  init(_ path: String) throws { try self.init(Data(contentsOf: URL(fileURLWithPath: path))) }

  init(_ data: Data) throws {
    let bytes = [UInt8](data)
    try #require(bytes.count > 10 && bytes[..<8] == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    #expect(start % 64 == 0)
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    #expect(header.contains("'descr': '<f4', 'fortran_order': False"))
    shape = try String(#require(header.firstMatch(of: /'shape': (\(.*\))/)?.1))
    floats = stride(from: start, to: bytes.count, by: 4).map { position in
      Float(
        bitPattern: bytes[position..<position + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  /// A file of zeros.
  static func zeros(_ extents: Int...) -> [UInt8] {
    file(extents, [Float](repeating: 0, count: extents.reduce(1, *)))
  }

  /// A file of the values, the last extent's the fastest.
  static func file(_ extents: [Int], _ values: [Float]) -> [UInt8] {
    let shape = extents.map { "\($0), " }.joined()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)), }\n"
    return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(header.utf8.count), 0]
      + Array(header.utf8)
      + values.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> ($0 * 8) & 255) } }
  }
}
