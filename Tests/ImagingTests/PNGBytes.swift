import CZlib
import Testing

/// A PNG file taken apart by the letter of its specification (ISO/IEC 15948), without libpng: what
/// the encoder's files are checked against.
struct PNGBytes {
  /// Chunk types in the order of the file.
  private(set) var chunks: [String] = []
  /// Width, height, bit depth, colour type, compression, filter method and interlacing.
  private(set) var header: [Int] = []
  private var data: [UInt8] = []

  /// Walks the chunks and checks their sums.
  init(_ bytes: [UInt8]) throws {
    try #require(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    var place = 8
    while place < bytes.count {
      let length = try Self.number(bytes, place)
      let end = place + 8 + length
      let sum = try Self.number(bytes, end)
      let checked = bytes[place + 4..<end].withUnsafeBufferPointer {
        crc32(0, $0.baseAddress, uInt($0.count))
      }
      #expect(Int(checked) == sum)
      let content = Array(bytes[place + 8..<end])
      let name = String(decoding: bytes[place + 4..<place + 8], as: UTF8.self)
      chunks.append(name)
      if name == "IHDR" {
        header = [try Self.number(content, 0), try Self.number(content, 4)]
        header += content[8...].map(Int.init)
      }
      if name == "IDAT" { data += content }
      place = end + 4
    }
  }

  /// The pixels as they were before rows were filtered, of a file of 8 bits a channel.
  func pixels(channels: Int) throws -> [UInt8] {
    let (width, height) = (header[0] * channels, header[1])
    var filtered = [UInt8](repeating: 0, count: (width + 1) * height)
    var count = uLong(filtered.count)
    let status = uncompress(&filtered, &count, data, uLong(data.count))
    try #require(status == Z_OK && Int(count) == filtered.count)
    var rows = [UInt8]()
    for y in 0..<height {
      let start = y * (width + 1)
      for x in 0..<width {
        let left = x < channels ? 0 : Int(rows[y * width + x - channels])
        let above = y == 0 ? 0 : Int(rows[(y - 1) * width + x])
        let corner = x < channels || y == 0 ? 0 : Int(rows[(y - 1) * width + x - channels])
        let predicted =
          switch filtered[start] {
          case 0: 0
          case 1: left
          case 2: above
          case 3: (left + above) / 2
          case 4: Self.paeth(left, above, corner)
          default: throw UnknownFilter()
          }
        rows.append(filtered[start + 1 + x] &+ UInt8(predicted))
      }
    }
    return rows
  }

  struct UnknownFilter: Error {}

  private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let estimate = left + above - corner
    let distances = [left, above, corner].map { abs(estimate - $0) }
    if distances[0] <= distances[1] && distances[0] <= distances[2] { return left }
    return distances[1] <= distances[2] ? above : corner
  }

  private static func number(_ bytes: [UInt8], _ place: Int) throws -> Int {
    try #require(place + 4 <= bytes.count)
    return bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}
