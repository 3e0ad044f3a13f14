import CKernels

/// How a step's result is cut into tasks: along its units (pixels, rows, tiles), and along its
/// blocks of channels where there are few units.
package struct Cut: Sendable {
  package let units: Int
  package let blocks: Int
  /// Neighbouring units, and blocks, that belong into one task for a kernel's sake.
  let unitGrain: Int
  let blockGrain: Int
  /// Units that share something costly, such as the reading of weights: a task with fewer repeats
  /// it, which pays only until every thread has something to do.
  let sharedUnits: Int
  /// Multiplications and additions of the whole.
  let operations: Int

  package init(
    units: Int, unitGrain: Int = 1, sharedUnits: Int = 1, blocks: Int = 1, blockGrain: Int = 1,
    operations: Int
  ) {
    self.units = units
    self.unitGrain = unitGrain
    self.sharedUnits = sharedUnits
    self.blocks = blocks
    self.blockGrain = blockGrain
    self.operations = operations
  }

  /// Operations below which another task is not worth its place in the queue: some microseconds.
  private static let leastOperations = 400_000
  /// Tasks a thread, so that one that is interrupted holds up only a part of the work.
  private static let tasksPerThread = 8
  /// Grains a thread below which cutting along them would leave threads idle at the end.
  private static let fewGrains = 3

  /// Pieces along units and along blocks.
  private func pieces(threads: Int) -> (units: Int, blocks: Int) {
    guard threads > 1 else { return (1, 1) }
    let grains = (units + unitGrain - 1) / unitGrain
    let blockGrains = (blocks + blockGrain - 1) / blockGrain
    var wanted = max(1, min(threads * Self.tasksPerThread, operations / Self.leastOperations))
    if sharedUnits > 1 { wanted = min(wanted, max(threads, units / sharedUnits)) }
    if grains < threads * Self.fewGrains, blockGrains >= threads {
      // Few units: whoever has all of them for some of the blocks reads each weight once.
      return (1, min(blockGrains, wanted, threads * 2))
    }
    // Pieces of one size, so that threads which take them in turn end together.
    let grainsPerPiece = max(1, (grains + wanted - 1) / wanted)
    return (max(1, (grains + grainsPerPiece - 1) / grainsPerPiece), 1)
  }

  package func taskCount(threads: Int) -> Int {
    let pieces = pieces(threads: threads)
    return pieces.units * pieces.blocks
  }

  /// The part of a task.
  package func part(_ task: Int, threads: Int) -> (units: zoo_range, blocks: zoo_range) {
    let pieces = pieces(threads: threads)
    let unitPiece = task % pieces.units
    let blockPiece = task / pieces.units
    return (
      Self.range(unitPiece, of: pieces.units, count: units, grain: unitGrain),
      Self.range(blockPiece, of: pieces.blocks, count: blocks, grain: blockGrain)
    )
  }

  private static func range(_ piece: Int, of pieces: Int, count: Int, grain: Int) -> zoo_range {
    let grains = (count + grain - 1) / grain
    let first = grains * piece / pieces * grain
    let end = min(count, grains * (piece + 1) / pieces * grain)
    return zoo_range(first: first, count: max(0, end - first))
  }
}
