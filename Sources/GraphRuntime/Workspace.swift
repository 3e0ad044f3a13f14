import Foundation
import Synchronization

/// The arena and the workers' scratch memory of one running inference.
package final class Workspace: @unchecked Sendable {
  let memory: Memory
  private let block: UnsafeMutableRawPointer
  private let scratchStart: UnsafeMutablePointer<Float>
  private let scratchSize: Int

  /// Nil where the memory is not to be had.
  init?(arenaSize: Int, scratchSize: Int, workers: Int) {
    // Scratch areas start on cache lines of their own.
    self.scratchSize = (scratchSize + 15) / 16 * 16
    let (scratch, overflow) = self.scratchSize.multipliedReportingOverflow(by: workers)
    guard !overflow, arenaSize <= Self.mostFloats, scratch <= Self.mostFloats else { return nil }
    let count = max(1, arenaSize + scratch)
    var address: UnsafeMutableRawPointer?
    guard posix_memalign(&address, 64, count * 4) == 0, let address else { return nil }
    block = address
    let floats = block.bindMemory(to: Float.self, capacity: count)
    memory = Memory(arena: floats)
    scratchStart = floats + arenaSize
  }

  /// Beyond any machine's memory, and so small that sums and bytes can still be counted.
  private static let mostFloats = 1 << 48

  deinit { free(block) }

  func scratch(_ worker: Int) -> UnsafeMutablePointer<Float> {
    scratchStart + worker * scratchSize
  }
}

/// Workspaces for as many inferences as run at once, kept for the next ones.
package final class WorkspacePool: Sendable {
  private let arenaSize: Int
  private let scratchSize: Int
  private let workers: Int
  private let free = Mutex<[Workspace]>([])

  package init(arenaSize: Int, scratchSize: Int, workers: Int) {
    self.arenaSize = arenaSize
    self.scratchSize = scratchSize
    self.workers = workers
  }

  /// - Throws: `RuntimeError.tooLarge` where there is no memory for one more.
  package func take() throws(RuntimeError) -> Workspace {
    if let workspace = free.withLock({ $0.popLast() }) { return workspace }
    guard
      let workspace = Workspace(
        arenaSize: arenaSize, scratchSize: scratchSize, workers: workers)
    else { throw .tooLarge }
    return workspace
  }

  package func giveBack(_ workspace: Workspace) { free.withLock { $0.append(workspace) } }
}
