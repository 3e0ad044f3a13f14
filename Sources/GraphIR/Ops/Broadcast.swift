/// The same elements repeated to fill a larger shape, as `numpy.broadcast_to`.
///
/// One operand, whose axes are the last of the result's; extents of 1 are repeated.
public struct Broadcast: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "broadcast"
  /// The result's shape.
  public let shape: Shape
  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// The result's shape.
  public var detail: String { "\(shape)" }

  /// The given shape, if the operand broadcasts to it.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    guard inputs[0].broadcast(with: shape) == shape else { throw .broadcast(inputs[0], to: shape) }
    return shape
  }

  /// Where the elements of the result lie in an operand that has passed the shape rule.
  package func elements(of operand: Shape) -> StridedWalk.Operand {
    StridedWalk.Operand(steps: operand.steps(in: shape))
  }

  /// Copies constant operands.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    inputs[0].gathered(elements(of: inputs[0].shape), outputShape)
  }

  /// Carries a batch that is the first axis of the result too.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands[0].isAligned(with: result)
  }
}

extension GraphBuilder {
  /// Repeats a value to fill exactly this shape.
  public mutating func broadcast(
    _ value: Graph.Value, to shape: Shape, label: String
  ) -> Graph.Value {
    add(.broadcast(Broadcast(shape: shape)), value, label: label)
  }
}
