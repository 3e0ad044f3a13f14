/// One number for all elements along some axes, which stay as axes of extent 1: `torch.sum`,
/// `mean` and `amax` with `keepdim`.
///
/// One operand of any shape.
public struct Reduction: OpAttributes, Hashable {
  /// What becomes of the elements.
  public enum Function: String, Hashable, Sendable {
    case sum
    case mean
    /// Not a number where any element is none.
    case maximum
  }

  /// The op's name in dumps and messages.
  public static let name = "reduction"
  /// What becomes of the elements.
  public let function: Function
  /// The axes that are reduced, in ascending order; with none of them nothing changes.
  public let axes: [Int]

  package init(_ function: Function, axes: Set<Int>) {
    self.function = function
    self.axes = axes.sorted()
  }

  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// Function and axes.
  public var detail: String { "\(function.rawValue) axes" + axes.map { " \($0)" }.joined() }

  /// The operand's shape with extents of 1 along the axes, none of which may be empty.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    var extents = inputs[0].dimensions
    for axis in axes {
      guard extents.indices.contains(axis) else { throw .axis(axis, rank: extents.count) }
      guard extents[axis] > 0 else { throw .emptyAxis(axis, inputs[0]) }
      extents[axis] = 1
    }
    return Shape(extents)
  }
}

extension GraphBuilder {
  /// Reduces some axes, counted from 0, to extent 1.
  public mutating func reduction(
    _ function: Reduction.Function, _ value: Graph.Value, axes: Set<Int>, label: String
  ) -> Graph.Value {
    add(.reduction(Reduction(function, axes: axes)), value, label: label)
  }
}
