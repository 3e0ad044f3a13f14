import GraphIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension ByteStorage {
  /// Maps a regular file read-only; its pages are read when they are first looked at.
  ///
  /// The mapping is private, but a file that another program shortens meanwhile takes its pages
  /// with it: write new files beside old ones and rename, as everything here does.
  static func mapping(_ path: String) throws(CheckpointError) -> ByteStorage {
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(file: path, reason: reason)
    }
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw failure(errno == ENOENT ? .missingFile : .unreadableFile(errorNumber: errno))
    }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw failure(.unreadableFile(errorNumber: errno))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw failure(.isFolder)
    default: throw failure(.notRegularFile)
    }
    guard status.st_size > 0 else { return ByteStorage(count: 0) { _ in } }

    let count = Int(status.st_size)
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw failure(.unreadableFile(errorNumber: errno)) }
    return ByteStorage(adopting: UnsafeRawBufferPointer(start: start, count: count)) { bytes in
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }
  }
}

/// The system's words for an error number.
func systemMessage(_ errorNumber: Int32) -> String {
  guard let text = strerror(errorNumber) else { return "error \(errorNumber)" }
  return String(cString: text)
}
