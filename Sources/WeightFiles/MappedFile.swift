import Foundation
import GraphIR

/// Maps a whole file read-only.
///
/// The pages belong to the file: a program that writes into it, instead of replacing it by
/// `rename`, changes what was checked. The writer here always renames.
///
/// - Throws: `WeightFileError`.
package func mapFile(_ url: URL) throws -> ByteStorage {
  func failure(_ step: WeightFileError.Step) -> WeightFileError {
    WeightFileError(file: url.path, problem: .system(step, code: errno))
  }
  // O_NONBLOCK: opening a named pipe would wait for its writer.
  let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw failure(.open) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw failure(.open) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw WeightFileError(file: url.path, problem: .notAFile)
  }
  let count = Int(status.st_size)
  guard count > 0 else {
    throw WeightFileError(file: url.path, problem: .tooShort(byteCount: 0))
  }
  guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
  else { throw failure(.map) }
  return ByteStorage(adopting: UnsafeRawBufferPointer(start: start, count: count)) { bytes in
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }
}
