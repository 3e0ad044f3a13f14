/// How operands are walked through to make a row-major result: along each axis every operand
/// advances by a step of its own, which may be 0 (it is broadcast) or negative (it is read
/// backwards).
///
/// Axes of extent 1 are gone, and neighbours along which all operands advance evenly are one.
package struct StridedWalk: Hashable, Sendable {
  /// One axis of the result.
  package struct Axis: Hashable, Sendable {
    package let extent: Int
    /// How far each operand advances for one step along the axis.
    package let steps: [Int]
  }

  /// An operand's first element, and its advance along each axis of the result.
  package struct Operand: Hashable, Sendable {
    package var start: Int
    package var steps: [Int]

    package init(start: Int = 0, steps: [Int]) { (self.start, self.steps) = (start, steps) }
  }

  /// The axes, outermost first; none for a single element.
  package private(set) var axes: [Axis] = []
  /// The element of each operand from which the first of the result is made.
  package let starts: [Int]
  /// Elements of the result.
  package let count: Int

  /// Creates the walk that makes a result of this shape.
  package init(result: Shape, operands: [Operand]) {
    count = result.elementCount
    starts = operands.map(\.start)
    for axis in result.indices where result[axis] != 1 {
      let steps = operands.map { $0.steps[axis] }
      if let outer = axes.last,
        zip(outer.steps, steps).allSatisfy({ $0 == $1 &* result[axis] })
      {
        axes[axes.count - 1] = Axis(extent: outer.extent * result[axis], steps: steps)
      } else {
        axes.append(Axis(extent: result[axis], steps: steps))
      }
    }
  }

  /// Creates the walk through operands that are broadcast to a result.
  package init(broadcasting operands: [Shape], to result: Shape) {
    self.init(result: result, operands: operands.map { Operand(steps: $0.steps(in: result)) })
  }

  /// Some rows of the result, evenly spaced in every operand; a row is what lies along the innermost
  /// axis.
  package struct Block {
    /// The first element in the result.
    package let result: Int
    package let rows: Int
    package let columns: Int
    /// The first element in each operand.
    package let starts: [Int]
  }

  /// The innermost axis, along which the elements of a row lie.
  package var columnAxis: Axis { axis(1) }
  /// The axis around it, along which the rows of a block lie.
  package var rowAxis: Axis { axis(2) }

  private func axis(_ fromEnd: Int) -> Axis {
    axes.count >= fromEnd
      ? axes[axes.count - fromEnd] : Axis(extent: 1, steps: starts.map { _ in 0 })
  }

  /// Whether the result is made of one row, which may be cut anywhere.
  package var isOneRow: Bool { axes.count <= 1 }

  /// What the work can be cut into: rows, or the elements of a single one.
  package var units: Int { isOneRow ? count : count == 0 ? 0 : count / columnAxis.extent }

  /// Whether the only operand's elements are the result's, in their order, from its start on.
  package var isContiguous: Bool { isOneRow && (count <= 1 || columnAxis.steps == [1]) }

  /// Visits all blocks.
  package func forEachBlock(_ body: (Block) -> Void) { forEachBlock(of: 0..<units, body) }

  /// Visits the blocks of some units, in the order of the result.
  package func forEachBlock(of units: Range<Int>, _ body: (Block) -> Void) {
    guard !units.isEmpty else { return }
    if isOneRow {
      let starts = zip(starts, columnAxis.steps).map { $0 + units.lowerBound * $1 }
      body(Block(result: units.lowerBound, rows: 1, columns: units.count, starts: starts))
      return
    }
    let (height, columns) = (rowAxis.extent, columnAxis.extent)
    var row = units.lowerBound
    while row < units.upperBound {
      let rows = min(units.upperBound - row, height - row % height)
      let first = row * columns
      body(Block(result: first, rows: rows, columns: columns, starts: starts(of: first)))
      row += rows
    }
  }

  /// The element of each operand from which one of the result is made.
  package func starts(of element: Int) -> [Int] {
    var (starts, rest) = (starts, element)
    for axis in axes.reversed() {
      let position = rest % axis.extent
      rest /= axis.extent
      for operand in starts.indices { starts[operand] += position * axis.steps[operand] }
    }
    return starts
  }
}

extension Shape {
  /// How far the elements of this shape, in row-major order, advance for one step along each axis.
  package var rowMajorSteps: [Int] {
    var steps = [Int](repeating: 0, count: count)
    var step = 1
    for axis in indices.reversed() {
      steps[axis] = step
      step *= self[axis]
    }
    return steps
  }

  /// How far an operand of this shape advances for one step along each axis of the result.
  package func steps(in result: Shape) -> [Int] {
    Array(repeating: 0, count: result.count - count)
      + zip(self, rowMajorSteps).map { extent, step in extent == 1 ? 0 : step }
  }
}

extension Tensor {
  /// The elements of another shape, each found in this tensor; nil for complex tensors, or where
  /// there is no such shape.
  func gathered(
    _ elements: @autoclosure () -> StridedWalk.Operand,
    _ outputShape: ([Shape]) throws(ShapeProblem) -> Shape
  ) -> Tensor? {
    // Before the elements: they are asked for only where the shapes fit.
    guard let result = try? outputShape([shape]) else { return nil }
    let walk = StridedWalk(result: result, operands: [elements()])
    let (row, column) = (walk.rowAxis.steps[0], walk.columnAxis.steps[0])
    return withFloats { values in
      Tensor(shape: result) { target in
        walk.forEachBlock { block in
          for y in 0..<block.rows {
            let (to, from) = (block.result + y * block.columns, block.starts[0] + y * row)
            for x in 0..<block.columns { target[to + x] = values[from + x * column] }
          }
        }
      }
    }
  }
}
