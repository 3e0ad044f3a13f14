import Foundation
import Synchronization

/// The arena and the workers' scratch memory of one running inference.
package final class Workspace: @unchecked Sendable {
  let memory: Memory
  private let scratchStart: UnsafeMutableRawPointer
  private let scratchSize: Int

  /// Nil where the memory is not to be had.
  init?(arenaSize: Int, scratchSize: Int, workers: Int) {
    // Scratch areas start on cache lines of their own.
    self.scratchSize = (scratchSize + 63) / 64 * 64
    let (scratch, overflow) = self.scratchSize.multipliedReportingOverflow(by: workers)
    guard !overflow, arenaSize <= Self.mostBytes, scratch <= Self.mostBytes else { return nil }
    guard let address = largeMemory(byteCount: arenaSize + scratch) else { return nil }
    memory = Memory(arena: address)
    scratchStart = address + arenaSize
  }

  /// Beyond any machine's memory, and so small that sums can still be counted.
  private static let mostBytes = 1 << 50

  deinit { free(memory.arena) }

  func scratch(_ worker: Int) -> UnsafeMutableRawPointer { scratchStart + worker * scratchSize }
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
