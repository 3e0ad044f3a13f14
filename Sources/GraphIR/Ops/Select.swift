/// One of two numbers for each element, as `numpy.where`: the first where the condition is not 0,
/// else the second.
///
/// Operands: condition, which NaN meets, and the two values; all three broadcast.
public struct Select: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "select"
  /// Condition and two values.
  public var operandCounts: ClosedRange<Int> { 3...3 }

  /// The broadcast shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    guard let values = inputs[1].broadcast(with: inputs[2]) else {
      throw .notBroadcastable(inputs[1], inputs[2])
    }
    guard let shape = inputs[0].broadcast(with: values) else {
      throw .notBroadcastable(inputs[0], values)
    }
    return shape
  }

  /// Folds constant operands.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    let operands = inputs.compactMap { $0.floats() }
    guard operands.count == 3, let shape = try? outputShape(of: inputs.map(\.shape)) else {
      return nil
    }
    let walk = StridedWalk(broadcasting: inputs.map(\.shape), to: shape)
    return Tensor(shape: shape) { result in
      let (row, column) = (walk.rowAxis.steps, walk.columnAxis.steps)
      walk.forEachBlock { block in
        func element(_ operand: Int, _ y: Int, _ x: Int) -> Float {
          operands[operand][block.starts[operand] + y * row[operand] + x * column[operand]]
        }
        for y in 0..<block.rows {
          for x in 0..<block.columns {
            let chosen = element(0, y, x) != 0 ? 1 : 2
            result[block.result + y * block.columns + x] = element(chosen, y, x)
          }
        }
      }
    }
  }

  /// Carries a batch that is the first axis of the result too.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.allSatisfy { $0.isAligned(with: result) }
  }
}

extension GraphBuilder {
  /// Chooses `a` where the condition is not 0, else `b`.
  public mutating func select(
    _ condition: Graph.Value, _ a: Graph.Value, _ b: Graph.Value, label: String
  ) -> Graph.Value {
    add(.select(Select()), condition, a, b, label: label)
  }
}
