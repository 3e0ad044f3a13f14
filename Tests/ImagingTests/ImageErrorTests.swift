import Imaging
import Testing

struct ImageErrorTests {
  static let sentences: [(ImageError.Reason, String)] = [
    (.missing, "does not exist: check the path"),
    (.folder, "is a folder: name the image files in it"),
    (.notARegularFile, "is not a regular file: save the image to a file first"),
    (.notAFile, "is not on this machine: download it first"),
    (
      .unreadable("Permission denied"),
      "cannot be read (Permission denied): check its permissions"
    ),
    (
      .fileTooLarge(bytes: 9, limit: 8),
      "has 9 bytes, more than the 8 that an image may have: resample it first"
    ),
    (.empty, "is empty: get a fresh copy"),
    (
      .unrecognized(firstBytes: [0x80, 2]),
      "is not an image of a known format (it begins with 80 02): give a PNG or JPEG file"
    ),
    (
      .unsupportedContainer(.dicom),
      "is a DICOM file, which this version does not read yet: export it as a PNG"
    ),
    (
      .unsupportedContainer(.html),
      "is a web page and not an image: the download went wrong, so fetch the image itself"
    ),
    (.unsupportedContainer(.text), "is a text file and not an image: give a PNG or JPEG file"),
    (
      .unsupportedContainer(.pdf),
      "is a PDF document and not an image: export the radiograph as a PNG"
    ),
    (
      .unsupportedContainer(.tiff),
      "is a TIFF image, which is not supported: convert it to a PNG"
    ),
    (
      .unsupportedEncoding(.jpeg, "12 bits a sample"),
      "is a JPEG file of a kind that is not supported (12 bits a sample): "
        + "convert it to an 8- or 16-bit grey PNG"
    ),
    (
      .unsupportedColor(.cmyk),
      "has CMYK colours, which have no channel to take for grey: convert it to a grey PNG"
    ),
    (
      .tooManyPixels(width: 40000, height: 1),
      "claims a size of 40000 x 1 pixels, outside 1 to 32768 a side and 67108864 in all: "
        + "resample it first"
    ),
    (.truncated(.png), "is a PNG file that ends too early: get a fresh copy"),
    (
      .damaged(.png, "IDAT: CRC error"),
      "is a damaged PNG file (IDAT: CRC error): get a fresh copy"
    ),
    (
      .notEncoded(.png, "out of memory"),
      "cannot be made a PNG file (out of memory): free some memory, or make it smaller"
    ),
    (
      .wrongSampleCount(width: 2, height: 3, found: 5),
      "has 5 values, which don't fill 2 x 3 pixels: give height rows of width values"
    ),
    (
      .sampleTooLarge(sample: 256, maximum: 255, column: 4, row: 7),
      "has the value 256 at column 4 of row 7, above its stated maximum 255: "
        + "state the largest value that its bit depth allows"
    ),
    (
      .maximumOutOfRange(0),
      "states 0 as its largest possible value: state one from 1 to 65535"
    ),
    (
      .pixelOutOfRange(pixel: 1025.5, column: 1, row: 2),
      "has the value 1025.5 at column 1 of row 2: scale it to -1024...1024 first"
    ),
    (
      .notSquare(width: 320, height: 288),
      "is 320 x 288 pixels and not square: keep the centre crop on, or crop it first"
    ),
    (
      .resolutionOutOfRange(0), "cannot be resized to 0 pixels a side: choose 1 to 8192"
    ),
  ]

  @Test(arguments: sentences)
  func sentence(reason: ImageError.Reason, words: String) {
    #expect("\(ImageError("chest.png", reason))" == "chest.png \(words)")
  }

  @Test func theCodecsOwnWordsArePassedOn() throws {
    var bytes = try Fixture.bytes("images/gray8.png")
    // The last byte of the data's checksum; the end chunk behind it has 12 bytes.
    bytes[bytes.count - 13] ^= 1
    let result = Result { () throws(ImageError) in try decode(bytes) }
    #expect(throws: ImageError("chest", .damaged(.png, "IDAT: CRC error"))) { try result.get() }
  }
}
