import CKernels

/// How a step's result is cut into tasks: along its units (pixels, rows, tiles), and along its
/// blocks of channels where there are few units.
package struct Cut: Sendable {
  package let units: Int
  package let blocks: Int
  /// Units that a kernel takes at a time, and blocks: a task gets that many or a multiple, more or
  /// less.
  let unitGrain: Int
  let blockGrain: Int
  /// Tasks start at multiples of this many units.
  let alignment: Int
  /// Multiplications and additions of the whole.
  let operations: Int

  package init(
    units: Int, unitGrain: Int = 1, alignment: Int = 1, blocks: Int = 1, blockGrain: Int = 1,
    operations: Int
  ) {
    self.units = units
    self.unitGrain = unitGrain
    self.alignment = alignment
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
    let wanted = max(1, min(threads * Self.tasksPerThread, operations / Self.leastOperations))
    let grains = (units + unitGrain - 1) / unitGrain
    let blockGrains = (blocks + blockGrain - 1) / blockGrain
    if grains < threads * Self.fewGrains, blockGrains >= threads {
      // Few units: whoever has all of them for some of the blocks reads each weight once.
      return (1, min(blockGrains, wanted, threads * 2))
    }
    // As many grains in each piece, and as many pieces for each thread: what threads have taken in
    // turn ends together.
    let size = (grains + wanted - 1) / wanted * unitGrain
    var pieces = (units + size - 1) / max(1, size)
    if pieces > 1 { pieces = (pieces + threads - 1) / threads * threads }
    return (max(1, min(pieces, units / alignment)), 1)
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
      Self.range(unitPiece, of: pieces.units, count: units, step: alignment),
      Self.range(blockPiece, of: pieces.blocks, count: blocks, step: blockGrain)
    )
  }

  /// Nearly equal ranges that start at multiples of a step.
  private static func range(_ piece: Int, of pieces: Int, count: Int, step: Int) -> zoo_range {
    let steps = (count + step - 1) / step
    let first = steps * piece / pieces * step
    let end = min(count, steps * (piece + 1) / pieces * step)
    return zoo_range(first: first, count: max(0, end - first))
  }
}
