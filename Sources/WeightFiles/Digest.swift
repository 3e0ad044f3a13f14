import Crypto
import Foundation

/// A SHA-256 digest as 64 lower-case hexadecimal digits.
package func sha256(of bytes: UnsafeRawBufferPointer) -> String {
  var hash = SHA256()
  hash.update(bufferPointer: bytes)
  return hexadecimal(hash.finalize())
}

/// The SHA-256 of a file, read in pieces so that none of it stays in memory; nil where it cannot be
/// read.
package func sha256(ofFile path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: TensorToWrite.blockSize, alignment: 64)
  defer { buffer.deallocate() }
  var hash = SHA256()
  while true {
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { return nil }
    if count == 0 { return hexadecimal(hash.finalize()) }
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
}

/// Two lower-case digits for each byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }
  var text = [UInt8]()
  text.reserveCapacity(2 * bytes.underestimatedCount)
  for byte in bytes {
    text.append(digit(byte >> 4))
    text.append(digit(byte & 15))
  }
  return String(decoding: text, as: UTF8.self)
}

/// Whether a text is a digest in the one spelling that files may use.
package func isSHA256(_ text: String) -> Bool {
  text.utf8.count == HeaderDigest.length
    && text.utf8.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
    }
}

/// The digest that guards the header of a native file; `Format.md` defines it.
package enum HeaderDigest {
  package static let key = "xrayzoo-header-sha256"
  /// What the header of every native file begins with; the digits follow.
  package static let opening = "{\"\(SafetensorsHeader.metadataKey)\":{\"\(key)\":\""
  /// The number of digits.
  package static let length = 64
  /// Stands in for the digits while the digest is taken.
  package static let placeholder = String(repeating: "0", count: length)
  /// Where the digits stand, in bytes from the start of the file.
  package static let range = {
    let start = SafetensorsHeader.prefixLength + opening.utf8.count
    return start..<start + length
  }()

  /// Whether a file begins as a native one does.
  package static func isAnnounced(in file: UnsafeRawBufferPointer) -> Bool {
    file.count >= range.upperBound
      && file[SafetensorsHeader.prefixLength..<range.lowerBound].elementsEqual(opening.utf8)
  }

  /// The digest of the length, the header and its padding, with zeros for the digits themselves.
  package static func of(_ lengthAndHeader: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(
      bufferPointer: UnsafeRawBufferPointer(rebasing: lengthAndHeader[..<range.lowerBound]))
    hash.update(data: Array(placeholder.utf8))
    hash.update(
      bufferPointer: UnsafeRawBufferPointer(rebasing: lengthAndHeader[range.upperBound...]))
    return hexadecimal(hash.finalize())
  }
}
