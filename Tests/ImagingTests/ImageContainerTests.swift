import Foundation
import Imaging
import Testing

struct ImageContainerTests {
  /// The beginnings of files, a character a byte.
  static let known: [(String, ImageContainer)] = [
    ("\u{89}PNG\r\n\u{1A}\n\0", .png),
    ("\u{FF}\u{D8}\u{FF}\u{E0}", .jpeg),
    (String(repeating: "\0", count: 128) + "DICM", .dicom),
    ("\u{8}\0\u{5}\0CS\u{A}\0", .dicom),
    ("\u{2}\0\0\0UL\u{4}\0", .dicom),
    ("GIF89a\u{1}\0", .gif),
    ("GIF87a\u{1}\0", .gif),
    ("BM6l\u{1}\0\0\0\0\0\u{36}\0", .bmp),
    ("II*\0\u{8}\0\0\0", .tiff),
    ("MM\0*\0\0\0\u{8}", .tiff),
    ("RIFF\u{4}\u{1}\0\0WEBPVP8 ", .webp),
    ("\0\0\0\u{C}jP  \r\n", .jpeg2000),
    ("\u{FF}\u{4F}\u{FF}\u{51}\0", .jpeg2000),
    ("%PDF-1.7\n", .pdf),
    ("\n <!DOCTYPE html><html>", .html),
    ("\u{EF}\u{BB}\u{BF}<html lang=en>", .html),
    ("{\"error\": \"not found\"}", .text),
    ("BMI is not a bitmap", .text),
    ("patient,na\u{C3}\u{AF}ve\n", .text),
  ]

  static let unknown = [
    "\0", "\u{80}\u{2}\u{8A}\n", "\u{89}PNG", "\u{8}\0\u{5}\0\u{A}\0\0\0", "PK\u{3}\u{4}",
  ]

  func bytes(_ characters: String) -> [UInt8] {
    characters.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  @Test(arguments: known)
  func contentDecides(beginning: String, container: ImageContainer) {
    let bytes = bytes(beginning)
    #expect(bytes.withUnsafeBytes { ImageContainer(sniffing: $0) } == container)
    if container != .png && container != .jpeg {
      #expect(refusal(of: bytes) == .unsupportedContainer(container))
    }
  }

  @Test(arguments: unknown)
  func otherBytesAreNothing(beginning: String) {
    let bytes = bytes(beginning)
    #expect(bytes.withUnsafeBytes { ImageContainer(sniffing: $0) } == nil)
    #expect(refusal(of: bytes) == .unrecognized(firstBytes: bytes))
  }

  @Test func aPNGNamedJPEGIsAPNG() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/chest.jpg"
    try Data(Fixture.bytes("images/gray8.png")).write(to: URL(fileURLWithPath: path))
    #expect(
      try XRayImage(path: path).pixels
        == XRayImage(contentsOf: Fixture.url("images/gray8.png")).pixels)
  }
}
