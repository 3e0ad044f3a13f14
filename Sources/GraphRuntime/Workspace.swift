import Synchronization

/// The arena and the workers' scratch memory of one running inference.
final class Workspace: @unchecked Sendable {
  let memory: Memory
  private let block: UnsafeMutableRawPointer
  private let scratchStart: UnsafeMutablePointer<Float>
  private let scratchSize: Int

  init(arenaSize: Int, scratchSize: Int, workers: Int) {
    // Scratch areas start on cache lines of their own.
    self.scratchSize = (scratchSize + 15) / 16 * 16
    let count = max(1, arenaSize + self.scratchSize * workers)
    block = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
    let floats = block.bindMemory(to: Float.self, capacity: count)
    memory = Memory(arena: floats)
    scratchStart = floats + arenaSize
  }

  deinit { block.deallocate() }

  func scratch(_ worker: Int) -> UnsafeMutablePointer<Float> {
    scratchStart + worker * scratchSize
  }
}

/// Workspaces for as many inferences as run at once, kept for the next ones.
final class WorkspacePool: Sendable {
  private let arenaSize: Int
  private let scratchSize: Int
  private let workers: Int
  private let free = Mutex<[Workspace]>([])

  init(arenaSize: Int, scratchSize: Int, workers: Int) {
    self.arenaSize = arenaSize
    self.scratchSize = scratchSize
    self.workers = workers
  }

  /// Bytes of one workspace.
  var bytes: Int { (arenaSize + scratchSize * workers) * 4 }

  func take() -> Workspace {
    free.withLock { $0.popLast() }
      ?? Workspace(arenaSize: arenaSize, scratchSize: scratchSize, workers: workers)
  }

  func giveBack(_ workspace: Workspace) { free.withLock { $0.append(workspace) } }
}
