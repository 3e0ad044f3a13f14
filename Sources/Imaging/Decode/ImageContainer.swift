/// What a file is, by its first bytes: names lie (there are PNG files called `.jpg` in public
/// chest X-ray collections), content doesn't.
public enum ImageContainer: String, Sendable, CaseIterable {
  case png = "PNG"
  case jpeg = "JPEG"
  case dicom = "DICOM"
  case gif = "GIF"
  case bmp = "BMP"
  case tiff = "TIFF"
  case webp = "WebP"
  case jpeg2000 = "JPEG 2000"
  case pdf = "PDF"
  case html = "HTML"
  case text = "text"

  /// Recognises the content, or gives nil for bytes that begin like nothing listed here.
  package init?(sniffing bytes: UnsafeRawBufferPointer) {
    func starts(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + prefix.count
        && bytes[offset..<offset + prefix.count].elementsEqual(prefix)
    }
    func starts(_ prefix: String, at offset: Int = 0) -> Bool {
      starts(Array(prefix.utf8), at: offset)
    }

    if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if starts([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts("DICM", at: 128) || Self.startsWithDICOMElement(bytes) {
      self = .dicom
    } else if starts("GIF87a") || starts("GIF89a") {
      self = .gif
    } else if starts("II*\0") || starts("MM\0*") {
      self = .tiff
    } else if starts("RIFF") && starts("WEBP", at: 8) {
      self = .webp
    } else if starts([0, 0, 0, 12] + Array("jP  ".utf8)) || starts([0xFF, 0x4F, 0xFF, 0x51]) {
      self = .jpeg2000
    } else if starts("%PDF-") {
      self = .pdf
    } else if starts("BM") && starts([0, 0, 0, 0], at: 6) {
      // Two letters are little evidence; the four reserved bytes behind the size are zero.
      self = .bmp
    } else if let text = Self.leadingText(bytes) {
      self = text.hasPrefix("<!doctype html") || text.hasPrefix("<html") ? .html : .text
    } else {
      return nil
    }
  }

  /// DICOM written without its preamble: a file-meta or identifying element in explicit form.
  private static func startsWithDICOMElement(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 8, bytes[0] == 2 || bytes[0] == 8, bytes[1] == 0, bytes[3] == 0 else {
      return false
    }
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    return capitals.contains(bytes[4]) && capitals.contains(bytes[5])
  }

  /// The first kilobyte in lower case and without leading blanks, if it is printable text.
  private static func leadingText(_ bytes: UnsafeRawBufferPointer) -> String? {
    let head = bytes.prefix(1024)
    let blanks: Set<UInt8> = [0x09, 0x0A, 0x0C, 0x0D, 0x20]
    guard !head.isEmpty, head.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || blanks.contains($0) })
    else { return nil }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = head.starts(with: byteOrderMark) ? head.dropFirst(3) : head
    // The kilobyte may end within a character, which has at most four bytes.
    let mayBeCut = bytes.count > head.count
    let whole = (0..<(mayBeCut ? 4 : 1)).lazy.compactMap {
      String(validating: content.dropLast($0), as: UTF8.self)
    }
    guard let text = whole.first else { return nil }
    return String(text.drop(while: \.isWhitespace)).lowercased()
  }
}
