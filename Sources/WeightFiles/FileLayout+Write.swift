import Crypto
import Foundation
import GraphIR
import Synchronization

/// What became of the tensors of a file that was written, in the order of the layout.
struct WrittenTensors {
  /// The SHA-256 of each one's bytes in the file; empty where nobody asked.
  var digests: [String: String] = [:]
  /// What rounding cost, by name, for those that were rounded.
  var roundings: [String: Rounding] = [:]
}

extension FileLayout {
  /// Threads that hash and write at the same time: more are of no use to a disk, and each has
  /// blocks in memory.
  fileprivate static let mostThreads = 4

  /// Writes the data section.
  ///
  /// - Parameters:
  ///   - output: the file.
  ///   - digesting: whether the tensors' digests are wanted.
  ///   - meanwhile: work that another thread does at the same time.
  /// - Returns: what became of the tensors.
  /// - Throws: `WeightFileError`, or what `meanwhile` throws, which goes first.
  func writeTensors(
    to output: AtomicFile, digesting: Bool, meanwhile: (@Sendable () throws -> Void)? = nil
  ) throws -> WrittenTensors {
    typealias Outcome = (digest: String?, rounding: Rounding?)
    let outcomes = try inParallel(count: tensors.count, meanwhile: meanwhile) { index in
      let tensor = tensors[index]
      var offset = offsets[index]
      var hash = SHA256()
      let rounding = try tensor.forEachBlock { block in
        if digesting { hash.update(bufferPointer: block) }
        try output.write(block, at: offset)
        offset += block.count
      }
      return Outcome(digesting ? hexadecimal(hash.finalize()) : nil, rounding)
    }
    var written = WrittenTensors()
    for (tensor, outcome) in zip(tensors, outcomes) {
      written.digests[tensor.name] = outcome.digest
      written.roundings[tensor.name] = outcome.rounding
    }
    return written
  }
}

/// Does independent pieces of work on a few threads.
///
/// - Parameters:
///   - count: how many pieces there are.
///   - meanwhile: one more piece, which is begun first.
///   - work: does a piece.
/// - Returns: the results in the order of the pieces.
/// - Throws: the error of `meanwhile`, or else of the first piece that failed; what was not begun
///   by then is left out.
private func inParallel<R: Sendable>(
  count: Int, meanwhile: (@Sendable () throws -> Void)?, _ work: @Sendable (Int) throws -> R
) throws -> [R] {
  let state = Mutex(Progress<R>(next: meanwhile == nil ? 0 : -1, count: count))
  let processors = ProcessInfo.processInfo.activeProcessorCount
  DispatchQueue.concurrentPerform(iterations: min(FileLayout.mostThreads, processors)) { _ in
    while let piece = state.withLock({ $0.take() }) {
      do {
        if piece < 0 {
          try meanwhile?()
        } else {
          let result = try work(piece)
          state.withLock { $0.results[piece] = result }
        }
      } catch {
        state.withLock { $0.fail(error, at: piece) }
      }
    }
  }
  return try state.withLock { progress in
    if let failure = progress.failure { throw failure.error }
    return progress.results.compactMap { $0 }
  }
}

private struct Progress<R: Sendable>: Sendable {
  var results: [R?]
  private(set) var failure: (piece: Int, error: any Error)?
  private var next: Int

  init(next: Int, count: Int) {
    self.next = next
    results = Array(repeating: nil, count: count)
  }

  /// The next piece to be done, or nil where there is nothing left to do.
  mutating func take() -> Int? {
    guard failure == nil, next < results.count else { return nil }
    defer { next += 1 }
    return next
  }

  mutating func fail(_ error: any Error, at piece: Int) {
    if failure.map({ piece < $0.piece }) ?? true { failure = (piece, error) }
  }
}
