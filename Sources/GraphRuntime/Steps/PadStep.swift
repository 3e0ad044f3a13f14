import GraphIR

/// `Pad` of a planar value, row by row along the last axis.
struct PadStep: Step {
  private let op: Pad
  private let operand: Location
  private let result: Place
  private let shape: Shape
  private let resultShape: Shape
  private let cut: Cut

  /// The operand has one axis at least.
  init(_ op: Pad, operand: Location, result: Place, shape: Shape, resultShape: Shape) {
    self.op = op
    (self.operand, self.result) = (operand, result)
    (self.shape, self.resultShape) = (shape, resultShape)
    let rows = resultShape.dropLast().reduce(1, *)
    cut = Cut(units: rows, operations: 4 * resultShape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let rows = cut.part(task, threads: threads).units
    let last = shape.count - 1
    let (width, before) = (shape[last], op.before[last])
    let target = memory.floats(at: result)
    let source = memory.floats(operand)
    for row in rows.first..<rows.first + rows.count {
      let to = target + row * resultShape[last]
      guard let start = rowStart(row), width > 0 else {
        if case .constant(let value) = op.mode {
          to.update(repeating: value, count: resultShape[last])
        }
        continue
      }
      let from = source + start
      fill(to, from, 0..<before)
      (to + before).update(from: from, count: width)
      fill(to, from, before + width..<resultShape[last])
    }
  }

  /// The first element of the operand's row that a row of the result is made from; nil where that
  /// is outside.
  private func rowStart(_ row: Int) -> Int? {
    var (rest, start, step) = (row, 0, shape[shape.count - 1])
    for axis in shape.indices.dropLast().reversed() {
      guard shape[axis] > 0,
        let place = op.source(of: rest % resultShape[axis], axis: axis, extent: shape[axis])
      else { return nil }
      start += place * step
      step *= shape[axis]
      rest /= resultShape[axis]
    }
    return start
  }

  private func fill(
    _ to: UnsafeMutablePointer<Float>, _ from: UnsafePointer<Float>, _ places: Range<Int>
  ) {
    if case .constant(let value) = op.mode {
      (to + places.lowerBound).update(repeating: value, count: places.count)
      return
    }
    let last = shape.count - 1
    for place in places {
      if let index = op.source(of: place, axis: last, extent: shape[last]) {
        to[place] = from[index]
      }
    }
  }
}
