/// The same elements with the axes in another order, as `numpy.transpose`: axis `i` of the result is
/// axis `permutation[i]` of the operand.
///
/// One operand of any shape.
public struct Transpose: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "transpose"
  /// For each axis of the result, the operand's.
  public let permutation: [Int]
  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// The permutation.
  public var detail: String { permutation.map(String.init).joined(separator: " ") }

  /// The operand's extents in the new order.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    guard permutation.sorted() == Array(inputs[0].indices) else {
      throw .permutation(permutation, inputs[0])
    }
    return Shape(permutation.map { inputs[0][$0] })
  }

  /// Where the elements of the result lie in an operand that has passed the shape rule.
  package func elements(of operand: Shape) -> StridedWalk.Operand {
    let steps = operand.rowMajorSteps
    return StridedWalk.Operand(steps: permutation.map { steps[$0] })
  }

  /// Copies constant operands.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    inputs[0].gathered(elements(of: inputs[0].shape), outputShape)
  }

  /// Carries a batch that stays the first axis.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    permutation.first == 0
  }
}

extension GraphBuilder {
  /// Puts the axes into another order: axis `i` of the result is axis `permutation[i]`.
  public mutating func transpose(
    _ value: Graph.Value, permutation: [Int], label: String
  ) -> Graph.Value {
    add(.transpose(Transpose(permutation: permutation)), value, label: label)
  }
}
