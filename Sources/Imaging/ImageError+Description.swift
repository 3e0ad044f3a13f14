extension ImageError: CustomStringConvertible {
  /// One sentence: the image, what is wrong with it, and the way out.
  public var description: String { "\(name) \(sentence)" }

  private var sentence: String {
    switch reason {
    case .missing: "does not exist: check the path"
    case .folder: "is a folder: name the image files in it"
    case .notARegularFile: "is not a regular file: save the image to a file first"
    case .notAFile: "is not on this machine: download it first"
    case .unreadable(let words): "cannot be read (\(words)): check its permissions"
    case .fileTooLarge(let bytes, let limit):
      "has \(bytes) bytes, more than the \(limit) that an image may have: resample it first"
    case .empty: "is empty: get a fresh copy"
    case .unrecognized(let firstBytes):
      "is not an image of a known format (it begins with \(Self.hex(firstBytes))): "
        + "give a PNG or JPEG file"
    case .unsupportedContainer(let container): Self.refusal(of: container)
    case .unsupportedEncoding(let container, let words):
      "is a \(container.rawValue) file of a kind that is not supported (\(words)): "
        + "convert it to an 8- or 16-bit grey PNG"
    case .unsupportedColor(let model):
      "has \(model == .other ? "unusual" : model.rawValue) colours, "
        + "which have no channel to take for grey: convert it to a grey PNG"
    case .tooManyPixels(let width, let height):
      "claims a size of \(width) x \(height) pixels, outside 1 to \(DecodingLimits.maximumSide) "
        + "a side and \(DecodingLimits.maximumPixels) in all: resample it first"
    case .truncated(let container):
      "is a \(container.rawValue) file that ends too early: get a fresh copy"
    case .damaged(let container, let words):
      "is a damaged \(container.rawValue) file (\(words)): get a fresh copy"
    case .notEncoded(let container, let words):
      "cannot be made a \(container.rawValue) file (\(words)): free some memory, or make it smaller"
    case .wrongSampleCount(let width, let height, let found):
      "has \(found) values, which don't fill \(width) x \(height) pixels: "
        + "give height rows of width values"
    case .sampleTooLarge(let sample, let maximum, let column, let row):
      "has the value \(sample) at column \(column) of row \(row), above its stated maximum "
        + "\(maximum): state the largest value that its bit depth allows"
    case .maximumOutOfRange(let maximum):
      "states \(maximum) as its largest possible value: state one from 1 to 65535"
    case .pixelOutOfRange(let pixel, let column, let row):
      "has the value \(pixel) at column \(column) of row \(row): scale it to -1024...1024 first"
    case .notSquare(let width, let height):
      "is \(width) x \(height) pixels and not square: keep the centre crop on, or crop it first"
    case .resolutionOutOfRange(let resolution):
      "cannot be resized to \(resolution) pixels a side: "
        + "choose 1 to \(Preprocessing.maximumResolution)"
    }
  }

  private static func refusal(of container: ImageContainer) -> String {
    switch container {
    case .dicom:
      "is a DICOM file, which this version does not read yet: export it as a PNG"
    case .html:
      "is a web page and not an image: the download went wrong, so fetch the image itself"
    case .text: "is a text file and not an image: give a PNG or JPEG file"
    case .pdf: "is a PDF document and not an image: export the radiograph as a PNG"
    default: "is a \(container.rawValue) image, which is not supported: convert it to a PNG"
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}
