#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be mapped; each reader of files has its own words for it.
package enum MappingFailure: Error, Equatable {
  case open(errorNumber: Int32)
  case map(errorNumber: Int32)
  case isFolder
  case notRegularFile
}

extension ByteStorage {
  /// Maps a regular file read-only; its pages are read when they are first looked at.
  ///
  /// The mapping is private, but its pages belong to the file: a program that writes into it shows
  /// through, one that shortens it takes pages away. Everything here writes beside a file and
  /// renames. An empty file gives empty storage.
  package static func mapping(_ path: String) throws(MappingFailure) -> ByteStorage {
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .open(errorNumber: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .open(errorNumber: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .isFolder
    default: throw .notRegularFile
    }
    let count = Int(status.st_size)
    guard count > 0 else { return ByteStorage(count: 0) { _ in } }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw .map(errorNumber: errno) }
    return ByteStorage(adopting: UnsafeRawBufferPointer(start: start, count: count)) { bytes in
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }
  }
}
