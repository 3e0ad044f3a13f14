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
    return ByteStorage(
      UnsafeRawBufferPointer(start: start, count: count), isFileMapping: true, release: unmap)
  }

  /// Zeroed memory of its own pages, or nil where there is none.
  static func mapped(_ count: Int) -> UnsafeMutableRawBufferPointer? {
    let flags = MAP_PRIVATE | MAP_ANON
    guard let start = mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED
    else { return nil }
    return UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  /// Gives mapped memory back.
  @Sendable static func unmap(_ bytes: UnsafeRawBufferPointer) {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// Lets go of the memory that holds some bytes of a file mapping, until they are looked at again.
  ///
  /// For bytes that have been copied into another form: both together are what makes a process
  /// large. Only whole pages inside the range go. Does nothing to memory that is not a mapping.
  package func discardPages(in range: Range<Int>) {
    guard isFileMapping, let base = bytes.baseAddress else { return }
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    // The last page of a file is the file's alone, whole or not.
    let end = range.upperBound == bytes.count ? range.upperBound : range.upperBound / page * page
    guard start < end else { return }
    // A refusal costs memory and nothing else.
    madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
  }
}
