/// A radiograph as the models take it: one channel, float32 from -1024 (black) to 1024 (white).
///
/// Of an image with several channels the first is taken, as torchxrayvision's `load_image` does.
public struct XRayImage: Sendable, Equatable {
  /// How messages and results call the image, usually its path.
  public let name: String
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The values in -1024...1024, `height` rows of `width`, the top row first.
  public let pixels: [Float]

  /// Takes values that are already scaled.
  ///
  /// - Parameters:
  ///   - name: how messages call the image.
  ///   - width: pixels in a row, at least 1.
  ///   - height: rows, at least 1.
  ///   - pixels: `height` rows of `width` values in -1024...1024.
  /// - Throws: `ImageError` when the sizes contradict each other or a value is out of range.
  public init(name: String, width: Int, height: Int, pixels: [Float]) throws(ImageError) {
    try Self.check(name: name, width: width, height: height, count: pixels.count)
    let range = -XRayScale.limit...XRayScale.limit
    if let index = pixels.firstIndex(where: { !range.contains($0) }) {
      throw ImageError(
        name,
        .pixelOutOfRange(pixel: pixels[index], column: index % width, row: index / width))
    }
    self.init(name: name, plane: Plane(width: width, height: height, values: pixels))
  }

  /// Scales raw samples: 0 becomes -1024 and `maximumSample` 1024.
  ///
  /// - Parameters:
  ///   - name: how messages call the image.
  ///   - width: pixels in a row, at least 1.
  ///   - height: rows, at least 1.
  ///   - samples: `height` rows of `width` samples, none above `maximumSample`.
  ///   - maximumSample: the largest sample that the bit depth allows, 255 for 8 bits: not the
  ///     largest that occurs.
  /// - Throws: `ImageError` when the sizes contradict each other or a sample is too large.
  public init(
    name: String, width: Int, height: Int, samples: [UInt16], maximumSample: Int
  ) throws(ImageError) {
    try Self.check(name: name, width: width, height: height, count: samples.count)
    guard (1...Int(UInt16.max)).contains(maximumSample) else {
      throw ImageError(name, .maximumOutOfRange(maximumSample))
    }
    if let index = samples.firstIndex(where: { $0 > maximumSample }) {
      throw ImageError(
        name,
        .sampleTooLarge(
          sample: Int(samples[index]), maximum: maximumSample, column: index % width,
          row: index / width))
    }
    self.init(
      name: name,
      plane: normalize(samples, width: width, height: height, maximumSample: maximumSample))
  }

  /// Scales what a decoder gave.
  package init(name: String, decoded: DecodedImage) {
    self.init(
      name: name,
      plane: normalize(
        decoded.samples, width: decoded.header.width, height: decoded.header.height,
        maximumSample: decoded.maximumSample))
  }

  /// The values as the preprocessing steps take them.
  package var plane: Plane { Plane(width: width, height: height, values: pixels) }

  private init(name: String, plane: Plane) {
    self.name = name
    width = plane.width
    height = plane.height
    pixels = plane.values
  }

  private static func check(
    name: String, width: Int, height: Int, count: Int
  ) throws(ImageError) {
    let sides = 1...DecodingLimits.maximumSide
    guard sides.contains(width), sides.contains(height),
      width * height <= DecodingLimits.maximumPixels
    else { throw ImageError(name, .tooManyPixels(width: width, height: height)) }
    guard width * height == count else {
      throw ImageError(name, .wrongSampleCount(width: width, height: height, found: count))
    }
  }
}
