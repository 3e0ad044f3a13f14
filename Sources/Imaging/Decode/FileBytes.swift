import Foundation

/// Whole files in memory, after a look at what they are.
enum FileBytes {
  /// Reads a regular file of at most `DecodingLimits.maximumFileBytes`.
  ///
  /// A device or a pipe is refused: it may never end.
  ///
  /// - Throws: `ImageError` about `name`.
  static func read(path: String, name: String) throws(ImageError) -> [UInt8] {
    // Not blocking: opening a pipe would wait for a writer.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw ImageError(name, reason(for: errno)) }
    defer { close(file) }
    let count = try size(of: file, name: name)

    var failure: ImageError.Reason?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        let step = Foundation.read(file, start + filled, count - filled)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { failure = reason(for: errno) }
        if step <= 0 { break }
        filled += step
      }
    }
    if let failure { throw ImageError(name, failure) }
    return bytes
  }

  private static func size(of file: Int32, name: String) throws(ImageError) -> Int {
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw ImageError(name, reason(for: errno)) }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw ImageError(name, .folder)
    default: throw ImageError(name, .notARegularFile)
    }
    let count = Int(facts.st_size)
    guard count <= DecodingLimits.maximumFileBytes else {
      throw ImageError(
        name, .fileTooLarge(bytes: count, limit: DecodingLimits.maximumFileBytes))
    }
    return count
  }

  private static func reason(for code: Int32) -> ImageError.Reason {
    switch code {
    case ENOENT, ENOTDIR: .missing
    default: .unreadable(String(cString: strerror(code)))
    }
  }
}
