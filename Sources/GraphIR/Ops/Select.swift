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
      let run = walk.run
      walk.forEachRun { start, starts in
        for index in 0..<run.extent {
          let isMet = operands[0][starts[0] + index * run.steps[0]] != 0
          let value = isMet ? 1 : 2
          result[start + index] = operands[value][starts[value] + index * run.steps[value]]
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
