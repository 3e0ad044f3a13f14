/// The first channel of a decoded file, as stored: no gamma, no colour profile, no orientation.
package struct DecodedImage: Sendable {
  /// What the file says about itself.
  package let header: ImageHeader
  /// The first channel, `height` rows of `width` samples in `0...maximumSample`.
  package let samples: [UInt16]
  /// The sample that stands for white: `2^bitDepth - 1` of plain grey, 255 of everything else.
  package let maximumSample: Int

  /// Puts together what a decoder found.
  package init(header: ImageHeader, samples: [UInt16], maximumSample: Int) {
    self.header = header
    self.samples = samples
    self.maximumSample = maximumSample
  }

  /// Decodes a PNG or JPEG file that is in memory; the content decides, not the name.
  ///
  /// - Throws: `ImageError` about `name`.
  package init(bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) {
    switch try Self.container(of: bytes, name: name) {
    case .png: self = try PNGDecoder(bytes: bytes, name: name).decode()
    case .jpeg: self = try JPEGDecoder(bytes: bytes, name: name).decode()
    case let other: throw ImageError(name, .unsupportedContainer(other))
    }
  }

  /// Reads what a PNG or JPEG file says about itself, and no pixel.
  ///
  /// - Throws: `ImageError` about `name`.
  package static func header(
    of bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> ImageHeader {
    switch try container(of: bytes, name: name) {
    case .png: try PNGDecoder(bytes: bytes, name: name).header
    case .jpeg: try JPEGDecoder(bytes: bytes, name: name).header
    case let other: throw ImageError(name, .unsupportedContainer(other))
    }
  }

  private static func container(
    of bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> ImageContainer {
    if bytes.isEmpty { throw ImageError(name, .empty) }
    guard let container = ImageContainer(sniffing: bytes) else {
      throw ImageError(name, .unrecognized(firstBytes: Array(bytes.prefix(8))))
    }
    return container
  }
}
