/// Why an image could not be read, prepared or written: which one, and what was found.
public struct ImageError: Error, Sendable, Equatable {
  /// The facts; the sentence made of them is `ImageError.description`.
  public enum Reason: Sendable, Equatable {
    /// No file has that path.
    case missing
    /// The path names a folder.
    case folder
    /// A device, pipe or socket.
    case notARegularFile
    /// The address is not one of a file on this machine.
    case notAFile
    /// The system refused, in the system's words.
    case unreadable(String)
    /// The file is larger than any image that is read.
    case fileTooLarge(bytes: Int, limit: Int)
    /// The file has no bytes.
    case empty
    /// The content begins like no known format.
    case unrecognized(firstBytes: [UInt8])
    /// A known format that is not decoded.
    case unsupportedContainer(ImageContainer)
    /// A decoded format in a rare variant, in the decoder's words.
    case unsupportedEncoding(ImageContainer, String)
    /// Colours that have no first channel to take for grey.
    case unsupportedColor(ImageHeader.ColorModel)
    /// The header claims more pixels than are read, or none.
    case tooManyPixels(width: Int, height: Int)
    /// The content ends before the image does.
    case truncated(ImageContainer)
    /// The content contradicts itself, in the decoder's words.
    case damaged(ImageContainer, String)
    /// No file could be made of the pixels, in the encoder's words.
    case notEncoded(ImageContainer, String)
    /// Values given in memory are not as many as the size needs.
    case wrongSampleCount(width: Int, height: Int, found: Int)
    /// A value given in memory is above the stated maximum.
    case sampleTooLarge(sample: Int, maximum: Int, column: Int, row: Int)
    /// The stated maximum can't scale 16-bit samples.
    case maximumOutOfRange(Int)
    /// A value given in memory is outside -1024...1024, or not a number.
    case pixelOutOfRange(pixel: Float, column: Int, row: Int)
    /// The step needs a square image.
    case notSquare(width: Int, height: Int)
    /// The requested size can't be made.
    case resolutionOutOfRange(Int)
  }

  /// The image as the caller named it, usually a path.
  public let name: String
  /// What was found.
  public let reason: Reason

  /// States a failure.
  public init(_ name: String, _ reason: Reason) {
    self.name = name
    self.reason = reason
  }
}
