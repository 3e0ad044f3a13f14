import CKernels
import GraphIR

/// `MatrixProduct` of planar values.
///
/// Tasks are rectangles of the results, and pack what they need of a right matrix that was not
/// packed beforehand.
struct MatrixProductStep: Step, @unchecked Sendable {
  // Unchecked for the pointers into weights that the step owns and nobody changes.
  private let kernels: Kernels
  private let a: Location
  private let b: Location
  private let result: Place
  /// Finds the matrices of both operands for one of the result.
  private let matrices: StridedWalk
  private let rows: Int
  private let terms: Int
  private let columns: Int
  /// The right matrix where it is one and known.
  private let packed: PackedWeights?
  let floatingPointOperations: Int

  /// Rows that make the packing of the panels they meet worth it.
  private static let fewRows = 112
  /// Floats of packed panels that stay in the second-level cache.
  private static let panelBudget = 128 << 10

  init(
    a: Location, b: Location, result: Place, shapes: [Shape], resultShape: Shape,
    kernels: Kernels, packing: inout PackingJobs
  ) throws(RuntimeError) {
    self.kernels = kernels
    (self.a, self.b, self.result) = (a, b, result)
    let (aShape, bShape) = (shapes[0], shapes[1])
    (rows, columns) = (aShape[aShape.count - 2], bShape[bShape.count - 1])
    terms = aShape[aShape.count - 1]
    let outer = [aShape, bShape, resultShape].map { Shape($0.dropLast(2)) }
    let sizes = [rows * terms, terms * columns]
    matrices = StridedWalk(
      result: outer[2],
      operands: zip(outer, sizes).map { shape, size in
        StridedWalk.Operand(steps: shape.steps(in: outer[2]).map { $0 * size })
      })
    floatingPointOperations = 2 * resultShape.elementCount * terms
    guard let weights = b.constant, bShape.elementCount == terms * columns, terms > 0 else {
      packed = nil
      return
    }
    packed = try PackedWeights(
      packing: weights, terms: terms, columns: columns, jobs: &packing)
  }

  private var blocks: Int { Layout.blocks(columns) }
  private var termsAtOnce: Int { min(terms, Int(zoo_matrix_terms)) }
  private var residentBlocks: Int { max(2, Self.panelBudget / max(1, zoo_panel(termsAtOnce))) }
  var scratchSize: Int {
    zoo_matrix_scratch(termsAtOnce)
      + (packed == nil ? min(residentBlocks, blocks) * zoo_panel(termsAtOnce) * 4 : 0)
  }

  /// How the results are cut: pieces of each matrix along rows and along blocks of columns.
  private func pieces(threads: Int) -> (rows: Int, blocks: Int) {
    var blockPieces = (blocks + residentBlocks - 1) / residentBlocks
    var rowPieces = 1
    guard threads > 1 else { return (1, blockPieces) }
    let work = Cut(units: 1 << 20, operations: floatingPointOperations)
    let wanted = work.taskCount(threads: threads)
    while matrices.count * rowPieces * blockPieces < wanted {
      if rows / rowPieces >= 2 * Self.fewRows {
        rowPieces *= 2
      } else if blocks / blockPieces >= 4 {
        blockPieces *= 2
      } else if packed != nil, rows / rowPieces >= 28 {
        rowPieces *= 2
      } else {
        break
      }
    }
    return (rowPieces, blockPieces)
  }

  func taskCount(threads: Int) -> Int {
    let pieces = pieces(threads: threads)
    return threads > 1 ? matrices.count * pieces.rows * pieces.blocks : 1
  }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let pieces = pieces(threads: threads)
    let all = matrices.count * pieces.rows * pieces.blocks
    for piece in threads > 1 ? task..<task + 1 : 0..<all {
      let (matrix, part) = (
        piece / (pieces.rows * pieces.blocks), piece % (pieces.rows * pieces.blocks)
      )
      let (row, block) = (part % pieces.rows, part / pieces.rows)
      multiply(
        matrix, rows: range(row, of: pieces.rows, count: rows),
        blocks: range(block, of: pieces.blocks, count: blocks), scratch: scratch, in: memory)
    }
  }

  private func range(_ piece: Int, of pieces: Int, count: Int) -> Range<Int> {
    count * piece / pieces..<count * (piece + 1) / pieces
  }

  private func multiply(
    _ matrix: Int, rows: Range<Int>, blocks: Range<Int>, scratch: UnsafeMutableRawPointer,
    in memory: Memory
  ) {
    let table = kernels.table.pointee
    let starts = matrices.starts(of: matrix)
    let left = memory.floats(a) + starts[0] + rows.lowerBound * terms
    let right = memory.floats(b) + starts[1]
    let target = memory.floats(at: result) + (matrix * self.rows + rows.lowerBound) * columns
    let panels = (scratch + zoo_matrix_scratch(termsAtOnce)).assumingMemoryBound(to: Float.self)
    guard terms > 0 else {
      // Nothing to add up; what is written twice is written alike, by one task.
      if blocks.lowerBound == 0 { target.update(repeating: 0, count: rows.count * columns) }
      return
    }
    for first in stride(from: 0, to: terms, by: termsAtOnce) {
      let count = min(termsAtOnce, terms - first)
      for block in stride(from: blocks.lowerBound, to: blocks.upperBound, by: residentBlocks) {
        let some = min(residentBlocks, blocks.upperBound - block)
        let column = block * Layout.block
        var product = zoo_matrix_product(
          rows: rows.count, columns: min(some * Layout.block, columns - column), terms: count,
          a_row: terms, out_row: columns, adds: first > 0)
        let ready: UnsafePointer<Float>
        if let packed {
          ready =
            packed.floats + first * self.blocks * Layout.block + block * zoo_panel(count)
        } else {
          zoo_pack_matrix(
            panels, right + first * columns, columns, count, columns,
            zoo_range(first: block, count: some))
          ready = UnsafePointer(panels)
        }
        table.multiply_matrices(target + column, left + first, ready, &product, scratch)
      }
    }
  }
}

extension PackedWeights {
  /// Memory for the panels of a known right matrix, and the jobs that fill it: one stretch of terms
  /// after the other.
  fileprivate convenience init(
    packing weights: ConstantFloats, terms: Int, columns: Int, jobs: inout PackingJobs
  ) throws(RuntimeError) {
    let blocks = Layout.blocks(columns)
    let width = blocks * Layout.block
    try self.init(byteCount: Layout.blocks(terms) * Layout.block * width * 4, in: jobs.memory)
    let target = self
    for first in stride(from: 0, to: terms, by: Int(zoo_matrix_terms)) {
      let count = min(Int(zoo_matrix_terms), terms - first)
      let step = 8
      for block in stride(from: 0, to: blocks, by: step) {
        let range = zoo_range(first: block, count: min(step, blocks - block))
        jobs.add(cost: range.count * zoo_panel(count)) {
          let floats = target.bytes.assumingMemoryBound(to: Float.self)
          zoo_pack_matrix(
            floats + first * width + block * zoo_panel(count), weights.pointer + first * columns,
            columns, count, columns, range)
          weights.discardPages()
        }
      }
    }
  }
}
