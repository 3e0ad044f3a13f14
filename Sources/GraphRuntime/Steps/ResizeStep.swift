import CKernels
import GraphIR

/// `Resize` of an image in either layout.
struct ResizeStep: Step, @unchecked Sendable {
  // Unchecked for the pointers into tables that the step owns and nobody changes.
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let tables: [PackedWeights]
  private let resize: zoo_resize
  private let layout: Layout
  private let cut: Cut
  let scratchSize: Int

  /// The most rows, and columns, of a result: a table has an entry of 16 bytes for each.
  static let mostExtent = 1 << 20

  /// Nil where the result has more.
  init?(
    _ op: Resize, image: Location, result: Place, imageShape: Shape, resultShape: Shape,
    layout: Layout, kernels: Kernels
  ) throws(RuntimeError) {
    guard resultShape[2] <= Self.mostExtent, resultShape[3] <= Self.mostExtent else { return nil }
    self.kernels = kernels
    (self.image, self.result) = (image, result)
    self.layout = layout
    let (source, target) = (imageShape, resultShape)
    let steps = op.steps(
      image: Size2D(height: source[2], width: source[3]),
      result: Size2D(height: target[2], width: target[3]))
    let rows = try Self.picks(op.filter, from: source[2], to: target[2], step: steps.rows)
    let columns = try Self.picks(op.filter, from: source[3], to: target[3], step: steps.columns)
    tables = [rows, columns]
    var resize = zoo_resize(
      height: source[2], width: source[3], out_height: target[2], out_width: target[3],
      rows: UnsafePointer(rows.bytes.assumingMemoryBound(to: zoo_pick.self)),
      columns: UnsafePointer(columns.bytes.assumingMemoryBound(to: zoo_pick.self)),
      nearest: op.filter == .nearest)
    scratchSize = layout == .planar ? 0 : zoo_resize_scratch(&resize)
    self.resize = resize
    let operations = 8 * target.elementCount
    cut =
      layout == .planar
      ? Cut(units: target[1], operations: operations)
      : Cut(units: target[2], blocks: Layout.blocks(target[1]), operations: operations)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 8 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let part = cut.part(task, threads: threads)
    withUnsafePointer(to: resize) { resize in
      if case .blocked(let precision) = layout {
        kernels.table.pointee.resize_blocks(
          memory.result(at: result), memory[image], resize, part.units, part.blocks, scratch,
          precision == .bfloat16)
        return
      }
      let (first, size) = (part.units.first, resize.pointee)
      kernels.table.pointee.resize(
        memory.floats(at: result) + first * size.out_height * size.out_width,
        memory.floats(image) + first * size.height * size.width, resize, part.units.count)
    }
  }

  /// Which rows (or columns) of the image each one of the result lies between, as PyTorch finds
  /// them: in 32-bit floats.
  private static func picks(
    _ filter: Resize.Filter, from extent: Int, to count: Int, step: Float
  ) throws(RuntimeError) -> PackedWeights {
    let packed = try PackedWeights(byteCount: count * MemoryLayout<zoo_pick>.stride)
    let picks = packed.bytes.bindMemory(to: zoo_pick.self, capacity: count)
    for index in 0..<count {
      let place: Float =
        switch filter {
        case .nearest, .bilinear(alignsCorners: true): Float(index) * step
        case .bilinear(alignsCorners: false): max((Float(index) + 0.5) * step - 0.5, 0)
        }
      let first = min(Int(place), extent - 1)
      let second = min(first + 1, extent - 1)
      // Behind the last row the same one stands on both sides.
      let weight = min(place - Float(first), 1)
      (picks + index).initialize(
        to: zoo_pick(
          first: UInt32(first), second: UInt32(second), first_weight: 1 - weight,
          second_weight: weight))
    }
    return packed
  }
}
