import CKernels
import Foundation
import GraphIR

/// Weights in the order in which a kernel reads them, aligned to cache lines.
final class PackedWeights: @unchecked Sendable {
  let bytes: UnsafeMutableRawPointer
  let byteCount: Int
  // Keeps the bytes alive.
  private let memory: PackedMemory

  var floats: UnsafePointer<Float> { UnsafePointer(bytes.assumingMemoryBound(to: Float.self)) }

  /// Uninitialised memory of this many bytes, its own where none is given.
  init(byteCount: Int, in memory: PackedMemory? = nil) throws(RuntimeError) {
    let memory = memory ?? PackedMemory(pieceSize: byteCount)
    self.memory = memory
    self.byteCount = byteCount
    bytes = try memory.take(byteCount)
  }

  /// One number a channel, filled up to whole blocks with zeros; zeros alone where there are none.
  static func perChannel(
    _ values: ConstantFloats?, channels: Int, in memory: PackedMemory? = nil
  ) throws(RuntimeError) -> PackedWeights {
    let count = Layout.blocks(channels) * Layout.block
    let packed = try PackedWeights(byteCount: count * 4, in: memory)
    let floats = packed.bytes.bindMemory(to: Float.self, capacity: count)
    floats.initialize(repeating: 0, count: count)
    if let values { floats.update(from: values.pointer, count: min(channels, values.count)) }
    return packed
  }
}

/// The memory of one session's packed weights, in few large pieces for the sake of huge pages.
final class PackedMemory: @unchecked Sendable {
  private var pieces: [UnsafeMutableRawPointer] = []
  private var free: UnsafeMutableRawBufferPointer

  private let pieceSize: Int

  /// - Parameter pieceSize: bytes reserved at a time, unless one tensor needs more.
  init(pieceSize: Int = 8 << 20) {
    self.pieceSize = pieceSize
    free = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  deinit { pieces.forEach { Foundation.free($0) } }

  /// The next bytes, from a cache line on.
  ///
  /// For one thread at a time.
  fileprivate func take(_ byteCount: Int) throws(RuntimeError) -> UnsafeMutableRawPointer {
    let size = max(64, (byteCount + 63) / 64 * 64)
    if free.count < size {
      let pieceSize = max(size, pieceSize)
      guard let piece = largeMemory(byteCount: pieceSize) else { throw .tooLarge }
      pieces.append(piece)
      free = UnsafeMutableRawBufferPointer(start: piece, count: pieceSize)
    }
    guard let start = free.baseAddress else { throw .tooLarge }
    free = UnsafeMutableRawBufferPointer(rebasing: free[size...])
    return start
  }
}

/// The packing that a graph's weights still need, collected while its steps are made and then done
/// by all threads at once.
struct PackingJobs {
  let memory = PackedMemory()
  private var jobs: [Job] = []

  private struct Job {
    let cost: Int
    /// Nil once it is done, so that nothing keeps the weights it has packed.
    var work: (@Sendable () -> Void)?
  }

  /// Adds packing of so many bytes.
  mutating func add(cost: Int, _ work: @escaping @Sendable () -> Void) {
    jobs.append(Job(cost: cost, work: work))
  }

  /// Does everything, largest first.
  mutating func run(on threads: Threads) {
    jobs.sort { $0.cost > $1.cost }
    jobs.withUnsafeMutableBufferPointer { jobs in
      threads.run(tasks: jobs.count) { task, _ in
        jobs[task].work?()
        jobs[task].work = nil
      }
    }
  }
}
