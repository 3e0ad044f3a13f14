import CImageCodecs

/// Reads PNG files through libpng: every bit depth and colour type, interlaced or not.
///
/// Alpha is dropped, not composited, and gamma and colour profiles change nothing: the reference
/// does neither. Checksums are checked, also of what is skipped.
struct PNGDecoder {
  let header: ImageHeader
  private let rawHeader: zoo_png_header
  private let bytes: UnsafeRawBufferPointer
  private let name: String

  /// Reads the header.
  init(bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) {
    var raw = zoo_png_header()
    try Codec.run(container: .png, name: name) { message in
      zoo_png_read_header(
        bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &raw, message)
    }
    let (colorModel, channels) = Self.colorModel(raw.color_type)
    rawHeader = raw
    header = ImageHeader(
      container: .png, width: Int(raw.width), height: Int(raw.height), channels: channels,
      bitDepth: Int(raw.bit_depth), colorModel: colorModel)
    self.bytes = bytes
    self.name = name
  }

  /// Decodes the first channel; a palette's red, where there is a palette.
  func decode() throws(ImageError) -> DecodedImage {
    let count = try header.checkedPixelCount(name: name)
    let packedBytes = count * header.channels * header.bitDepth / 8
    guard packedBytes / DecodingLimits.maximumDeflateRatio <= bytes.count else {
      throw ImageError(name, .truncated(.png))
    }
    let samples = try Codec.samples(count: count) { (start) throws(ImageError) in
      try Codec.run(container: .png, name: name) { message in
        withUnsafePointer(to: rawHeader) { expected in
          zoo_png_read_samples(
            bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, expected, start,
            message)
        }
      }
    }
    let depth = header.colorModel == .gray ? header.bitDepth : 8
    return DecodedImage(header: header, samples: samples, maximumSample: (1 << depth) - 1)
  }

  private static func colorModel(_ code: UInt8) -> (ImageHeader.ColorModel, channels: Int) {
    switch code {
    case 0: (.gray, 1)
    case 2: (.rgb, 3)
    case 3: (.palette, 1)
    case 4: (.grayAlpha, 2)
    case 6: (.rgba, 4)
    default: (.other, 1)
    }
  }
}
