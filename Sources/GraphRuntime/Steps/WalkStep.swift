import CKernels
import GraphIR

/// What is done element by element over planar operands of any number of axes: a function of two
/// numbers, a choice, or a copy to another order.
struct WalkStep: Step {
  /// What becomes of the elements.
  enum Operation {
    /// A function of two operands.
    case binary(zoo_binary_function)
    /// The second or the third operand, as the first says.
    case select
    /// The operand; the walk's second operand is the result, which need not be contiguous.
    case copy
  }

  private let kernels: Kernels
  private let operation: Operation
  private let operands: [Location]
  private let result: Place
  private let walk: StridedWalk
  private let cut: Cut

  /// About what an element costs, in multiplications.
  private static let operationsPerElement = 8

  init(
    _ operation: Operation, _ operands: [Location], walk: StridedWalk, result: Place,
    kernels: Kernels
  ) {
    self.kernels = kernels
    self.operation = operation
    (self.operands, self.result, self.walk) = (operands, result, walk)
    cut = Cut(
      units: walk.units, alignment: walk.isOneRow ? Layout.block : 1,
      operations: walk.count * Self.operationsPerElement)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { if case .binary = operation { walk.count } else { 0 } }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let units = cut.part(task, threads: threads).units
    let sources = operands.map { memory.floats($0) }
    let target = memory.floats(at: result)
    let table = kernels.table.pointee
    let (row, column) = (walk.rowAxis.steps, walk.columnAxis.steps)
    walk.forEachBlock(of: units.first..<units.first + units.count) { block in
      let from = zip(sources, block.starts).map { $0 + $1 }
      switch operation {
      case .binary(let function):
        var grid = zoo_grid(
          extent: (1, 1, block.rows, block.columns), a_step: (0, 0, row[0], column[0]),
          b_step: (0, 0, row[1], column[1]))
        table.binary(target + block.result, from[0], from[1], &grid, function)
      case .select:
        var selection = zoo_selection(
          rows: block.rows, columns: block.columns, row_step: (row[0], row[1], row[2]),
          column_step: (column[0], column[1], column[2]))
        table.select_rows(target + block.result, from[0], from[1], from[2], &selection)
      case .copy:
        var rows = zoo_rows(
          rows: block.rows, columns: block.columns, in_row: row[0], in_column: column[0],
          out_row: row[1], out_column: column[1])
        table.copy_rows(target + block.starts[1], from[0], &rows)
      }
    }
  }
}

extension WalkStep {
  /// The elements of an operand in another order, as a contiguous result of this shape.
  init(
    copying operand: Location, _ elements: StridedWalk.Operand, to shape: Shape, result: Place,
    kernels: Kernels
  ) {
    let all = StridedWalk.Operand(steps: shape.rowMajorSteps)
    self.init(
      .copy, [operand], walk: StridedWalk(result: shape, operands: [elements, all]),
      result: result, kernels: kernels)
  }
}
