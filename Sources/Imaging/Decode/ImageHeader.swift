/// What an image file says about itself before its pixels.
public struct ImageHeader: Sendable, Equatable {
  /// How colours are stored.
  public enum ColorModel: String, Sendable {
    case gray
    case grayAlpha = "gray with alpha"
    case rgb = "RGB"
    case rgba = "RGB with alpha"
    case palette
    case yCbCr = "YCbCr"
    case cmyk = "CMYK"
    case other
  }

  /// The file format.
  public let container: ImageContainer
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Samples a pixel as stored: a palette has 1.
  public let channels: Int
  /// Bits a sample as stored: 1, 2, 4, 8, 12 or 16.
  public let bitDepth: Int
  /// How colours are stored.
  public let colorModel: ColorModel

  /// States the facts that a file gives.
  package init(
    container: ImageContainer, width: Int, height: Int, channels: Int, bitDepth: Int,
    colorModel: ColorModel
  ) {
    self.container = container
    self.width = width
    self.height = height
    self.channels = channels
    self.bitDepth = bitDepth
    self.colorModel = colorModel
  }

  /// The pixel count, once both sides are known to be within the limits.
  func checkedPixelCount(name: String) throws(ImageError) -> Int {
    let sides = 1...DecodingLimits.maximumSide
    // The order matters: the product can't overflow once both sides are short.
    guard sides.contains(width), sides.contains(height),
      width * height <= DecodingLimits.maximumPixels
    else { throw ImageError(name, .tooManyPixels(width: width, height: height)) }
    return width * height
  }
}
