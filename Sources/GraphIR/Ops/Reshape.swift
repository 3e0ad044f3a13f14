/// The same elements, in row-major order, under another shape.
public struct Reshape: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "reshape"
  /// The new shape.
  public let shape: Shape
  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// The new shape.
  public var detail: String { "\(shape)" }

  /// The new shape, if it has as many elements.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    guard inputs[0].elementCount == shape.checkedElementCount else {
      throw .elementCount(inputs[0], shape)
    }
    return shape
  }

  /// Views constant operands.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? { inputs[0].reshaped(to: shape) }

  /// Carries a batch where each image keeps its number of elements.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    let image = Shape(Array(operands[0].shape.dropFirst()))
    return image.checkedElementCount == Shape(Array(result.dropFirst())).checkedElementCount
  }
}

extension GraphBuilder {
  /// Gives the elements another shape.
  public mutating func reshape(
    _ value: Graph.Value, to shape: Shape, label: String
  ) -> Graph.Value {
    add(.reshape(Reshape(shape: shape)), value, label: label)
  }
}
