import CImageCodecs

/// Reads JPEG files through libjpeg-turbo: baseline and progressive, grey and colour.
///
/// Colour is converted to RGB with the library's default upsampling and transform, and red is
/// taken. The orientation that a camera notes in EXIF is not applied: the reference ignores it.
struct JPEGDecoder {
  let header: ImageHeader
  private let rawHeader: zoo_jpeg_header
  private let bytes: UnsafeRawBufferPointer
  private let name: String

  /// Reads the header.
  init(bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) {
    var raw = zoo_jpeg_header()
    try Codec.run(container: .jpeg, name: name) { message in
      zoo_jpeg_read_header(
        bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &raw, message)
    }
    rawHeader = raw
    header = ImageHeader(
      container: .jpeg, width: Int(raw.width), height: Int(raw.height),
      channels: Int(raw.channels), bitDepth: Int(raw.precision),
      colorModel: Self.colorModel(raw.color))
    self.bytes = bytes
    self.name = name
  }

  /// Decodes the grey or red channel.
  func decode() throws(ImageError) -> DecodedImage {
    let count = try header.checkedPixelCount(name: name)
    switch header.colorModel {
    case .gray, .rgb, .yCbCr: break
    case let other: throw ImageError(name, .unsupportedColor(other))
    }
    guard header.bitDepth == 8 else {
      throw ImageError(name, .unsupportedEncoding(.jpeg, "\(header.bitDepth) bits a sample"))
    }
    guard count / DecodingLimits.maximumJPEGPixelsPerByte <= bytes.count else {
      throw ImageError(name, .truncated(.jpeg))
    }
    let samples = try Codec.samples(count: count) { (start) throws(ImageError) in
      try Codec.run(container: .jpeg, name: name) { message in
        withUnsafePointer(to: rawHeader) { expected in
          zoo_jpeg_read_samples(
            bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, expected,
            Int32(DecodingLimits.maximumJPEGScans), start, message)
        }
      }
    }
    return DecodedImage(header: header, samples: samples, maximumSample: 255)
  }

  private static func colorModel(_ color: zoo_jpeg_color) -> ImageHeader.ColorModel {
    switch color {
    case ZOO_JPEG_GRAY: .gray
    case ZOO_JPEG_RGB: .rgb
    case ZOO_JPEG_YCBCR: .yCbCr
    case ZOO_JPEG_CMYK, ZOO_JPEG_YCCK: .cmyk
    default: .other
    }
  }
}
