/// Joins tensors along one axis; all other extents must be equal.
public struct Concatenation: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "concatenation"
  /// The axis along which operands follow each other.
  public let axis: Int
  /// One operand or more.
  public var operandCounts: ClosedRange<Int> { 1...Int.max }
  /// The axis.
  public var detail: String { "axis \(axis)" }

  /// The first operand's shape with the axis' extents summed.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    var extents = inputs[0].dimensions
    guard extents.indices.contains(axis) else { throw .axis(axis, rank: extents.count) }
    for shape in inputs.dropFirst() {
      var other = shape.dimensions
      guard other.count == extents.count else { throw .rank(shape, expected: extents.count) }
      let added = other[axis]
      other[axis] = extents[axis]
      guard other == extents else { throw .concatenation(inputs[0], shape, axis: axis) }
      extents[axis] += added
    }
    return Shape(extents)
  }

  /// Carries batches along its other axes; constants take part where there is one image alone.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    axis != 0 && operands.allSatisfy { $0.isAligned(with: result) }
  }
}

extension GraphBuilder {
  /// Joins tensors along an axis.
  public mutating func concatenation(
    _ values: [Graph.Value], axis: Int = 1, label: String
  ) -> Graph.Value {
    add(.concatenation(Concatenation(axis: axis)), values, label: label)
  }
}
