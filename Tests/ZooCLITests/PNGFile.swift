import Foundation
import Testing
import XRayZoo

/// A PNG file that `zoo` wrote.
struct PNGFile {
  let width: Int
  let height: Int
  /// Samples of 8 bits, row by row.
  let samples: [UInt8]

  /// Reads a grey file; its decoder is compared with PIL's in `ImagingTests`.
  init(gray path: String) throws {
    let image = try XRayImage(path: path)
    (width, height) = (image.width, image.height)
    samples = image.pixels.map { UInt8((($0 + 1024) / 2048 * 255).rounded()) }
    #expect(try Self.header(path).kind == [8, 0])
  }

  /// Size, and bit depth with colour type (0 is grey, 2 red, green and blue), as the first chunk has
  /// them.
  static func header(_ path: String) throws -> (width: Int, height: Int, kind: [UInt8]) {
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)).prefix(26))
    try #require(bytes.count == 26 && bytes[12..<16].elementsEqual("IHDR".utf8))
    func integer(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (integer(16), integer(20), Array(bytes[24...]))
  }
}
