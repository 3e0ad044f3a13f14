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
    package var start = 0
    package var steps: [Int]
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

  /// The innermost axis: elements along it lie in one row of the result.
  package var run: Axis { axes.last ?? Axis(extent: 1, steps: starts.map { _ in 0 }) }

  /// Visits the runs in the order of the result.
  ///
  /// - Parameter body: gets the first element of a run in the result and in each operand.
  package func forEachRun(_ body: (_ result: Int, _ operands: [Int]) -> Void) {
    let outer = axes.dropLast()
    let run = run.extent
    var position = [Int](repeating: 0, count: outer.count)
    var operands = starts
    var start = 0
    while start < count {
      body(start, operands)
      start += run
      for axis in outer.indices.reversed() {
        position[axis] += 1
        let isWithin = position[axis] < outer[axis].extent
        // Back to the beginning of the axis where it is at its end.
        let steps = isWithin ? 1 : 1 - outer[axis].extent
        for operand in operands.indices { operands[operand] += outer[axis].steps[operand] * steps }
        if isWithin { break }
        position[axis] = 0
      }
    }
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
    let (extent, step) = (walk.run.extent, walk.run.steps[0])
    return withFloats { values in
      Tensor(shape: result) { target in
        walk.forEachRun { start, operands in
          for index in 0..<extent { target[start + index] = values[operands[0] + index * step] }
        }
      }
    }
  }
}
