import CImageCodecs
import Foundation

/// Pixels of 8 bits a channel as a PNG file.
package enum PNGEncoder {
  /// What the bytes of a pixel are.
  package enum Layout: Sendable, CaseIterable {
    /// One byte, 0 for black.
    case gray
    /// Red, green, blue.
    case rgb
    /// Red, green, blue and opacity, which is not multiplied into the colours.
    case rgba

    /// Bytes a pixel.
    package var channels: Int {
      switch self {
      case .gray: 1
      case .rgb: 3
      case .rgba: 4
      }
    }

    /// As PNG numbers them.
    fileprivate var colorType: UInt8 {
      switch self {
      case .gray: 0
      case .rgb: 2
      case .rgba: 6
      }
    }
  }

  /// Makes a file without time stamp, gamma or text: the same pixels give the same bytes.
  ///
  /// - Parameters:
  ///   - pixels: `height` rows of `width` pixels from the top, each as `layout` says.
  ///   - width: pixels in a row, at least 1.
  ///   - height: rows, at least 1.
  ///   - layout: what the bytes are.
  ///   - name: how messages call the image.
  /// - Returns: the bytes of the file.
  /// - Throws: `ImageError` for a size that could not be read again, and where memory runs out.
  package static func encode(
    _ pixels: [UInt8], width: Int, height: Int, _ layout: Layout, name: String
  ) throws(ImageError) -> Data {
    let sides = 1...DecodingLimits.maximumSide
    guard sides.contains(width), sides.contains(height),
      width * height <= DecodingLimits.maximumPixels
    else { throw ImageError(name, .tooManyPixels(width: width, height: height)) }
    precondition(pixels.count == width * height * layout.channels, "every pixel has its bytes")
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    let outcome = pixels.withUnsafeBufferPointer { pixels in
      Result { () throws(ImageError) in
        try Codec.run(container: .png, name: name) { message in
          zoo_png_write(
            pixels.baseAddress, UInt32(width), UInt32(height), layout.colorType, &file, &count,
            message)
        }
      }
    }
    try outcome.get()
    guard let file else { throw ImageError(name, .notEncoded(.png, "the encoder gave nothing")) }
    return Data(bytesNoCopy: file, count: count, deallocator: .free)
  }
}
