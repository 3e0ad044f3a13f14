import CKernels
import Foundation
import GraphIR

/// Weights in the order in which a kernel reads them, aligned to cache lines.
final class PackedWeights: @unchecked Sendable {
  let bytes: UnsafeMutableRawPointer

  var floats: UnsafePointer<Float> { UnsafePointer(bytes.assumingMemoryBound(to: Float.self)) }

  /// Uninitialised memory of at least this many bytes.
  init(byteCount: Int) throws(RuntimeError) {
    var address: UnsafeMutableRawPointer?
    guard posix_memalign(&address, 64, max(64, byteCount)) == 0, let address else {
      throw .tooLarge
    }
    bytes = address
  }

  deinit { free(bytes) }

  /// One number a channel, filled up to whole blocks with zeros; zeros alone where there are none.
  static func perChannel(
    _ values: ConstantFloats?, channels: Int
  ) throws(RuntimeError) -> PackedWeights {
    let count = Layout.blocks(channels) * Layout.block
    let packed = try PackedWeights(byteCount: count * 4)
    let floats = packed.bytes.bindMemory(to: Float.self, capacity: count)
    floats.initialize(repeating: 0, count: count)
    if let values { floats.update(from: values.pointer, count: min(channels, values.count)) }
    return packed
  }
}

/// The packing that a graph's weights still need, collected while its steps are made and then done
/// by all threads at once.
struct PackingJobs {
  private var jobs: [(cost: Int, job: @Sendable () -> Void)] = []

  /// Adds packing of so many bytes.
  mutating func add(cost: Int, _ job: @escaping @Sendable () -> Void) { jobs.append((cost, job)) }

  /// Does everything, largest first.
  func run(on threads: Threads) {
    let order = jobs.sorted { $0.cost > $1.cost }
    threads.run(tasks: order.count) { task, _ in order[task].job() }
  }
}
