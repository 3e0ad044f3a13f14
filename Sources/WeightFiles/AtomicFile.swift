import Foundation
import GraphIR

/// A file that gets its name when it is complete and on the disk, or never.
///
/// Blocks may be written from several threads; everything else is one thread's.
package final class AtomicFile: @unchecked Sendable {
  private let destination: URL
  private let temporary: URL
  private let descriptor: Int32
  private var isFinished = false

  /// Creates a file with an unpredictable name in the folder of the destination.
  ///
  /// - Throws: `WeightFileError`.
  package init(replacing destination: URL) throws {
    self.destination = destination
    // The destination's own name might be too long to be added to.
    temporary = destination.deletingLastPathComponent()
      .appendingPathComponent(".xrayzoo-\(UUID().uuidString).tmp")
    descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw WeightFileError(file: destination.path, problem: .system(.create, code: errno))
    }
  }

  /// Writes all the bytes at an offset.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(.write)
      }
      done += count
    }
  }

  /// Waits for the disk, and gives the file its name.
  package func commit() throws {
    guard fsync(descriptor) == 0 else { throw failure(.write) }
    guard rename(temporary.path, destination.path) == 0 else { throw failure(.rename) }
    isFinished = true
    close(descriptor)
    // The name itself is safe once the folder is; where folders cannot be synced, the file still is.
    let folder = open(destination.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// Removes the file unless it was committed.
  package func discard() {
    guard !isFinished else { return }
    isFinished = true
    close(descriptor)
    unlink(temporary.path)
  }

  private func failure(_ step: WeightFileError.Step) -> WeightFileError {
    WeightFileError(file: destination.path, problem: .system(step, code: errno))
  }
}
