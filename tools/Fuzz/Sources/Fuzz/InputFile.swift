import CFuzz
import Foundation

/// The file that is read over and over, in memory where the system has such files.
final class InputFile {
  let path: String
  private let descriptor: Int32

  init() {
    let descriptor = cfuzz_memory_file()
    precondition(descriptor >= 0, "no file in memory")
    self.descriptor = descriptor
    path = "/proc/self/fd/\(descriptor)"
  }

  /// Replaces the content and returns its size.
  func write(_ bytes: [UInt8]) -> Int {
    let written = pwrite(descriptor, bytes, bytes.count, 0)
    precondition(written == bytes.count && ftruncate(descriptor, written) == 0, "cannot write")
    return written
  }
}
