/// The place of the largest or smallest element along an axis, which stays as an axis of extent 1:
/// `numpy.argmax` and `argmin` with `keepdims`.
///
/// One operand of any shape but a scalar. Of equals the first counts, or the last; an element that is
/// not a number counts as the largest, or smallest, of all.
public struct ArgExtremum: OpAttributes, Hashable {
  /// What is looked for.
  public enum Kind: String, Hashable, Sendable {
    case maximum
    case minimum
  }

  /// The op's name in dumps and messages.
  public static let name = "argExtremum"
  /// What is looked for.
  public let kind: Kind
  /// The axis that is searched.
  public let axis: Int
  /// Whether the last of equals counts.
  public let takesLast: Bool
  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// Kind, axis, and whether the last counts.
  public var detail: String { "\(kind.rawValue) axis \(axis)" + (takesLast ? " last" : "") }

  /// The operand's shape with an extent of 1 along the axis, which must not be empty unless the
  /// result is.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    var extents = inputs[0].dimensions
    guard extents.indices.contains(axis) else { throw .axis(axis, rank: extents.count) }
    let isEmpty = extents[axis] == 0
    extents[axis] = 1
    guard !isEmpty || extents.contains(0) else { throw .emptyAxis(axis, inputs[0]) }
    return Shape(extents)
  }

  /// Carries a batch that is not searched.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool { axis != 0 }
}

extension GraphBuilder {
  /// Finds the place of the largest or smallest element along an axis.
  public mutating func argExtremum(
    _ kind: ArgExtremum.Kind, _ value: Graph.Value, axis: Int, takesLast: Bool, label: String
  ) -> Graph.Value {
    add(
      .argExtremum(ArgExtremum(kind: kind, axis: axis, takesLast: takesLast)), value, label: label)
  }
}
