/// One number for all elements along some axes, which stay as axes of extent 1: `torch.sum`,
/// `mean`, `amax`, `amin` and `prod` with `keepdim`.
///
/// One operand of any shape. Of no elements the sum is 0, the product 1, the maximum minus infinity,
/// the minimum infinity, and the mean not a number.
public struct Reduction: OpAttributes, Hashable {
  /// What becomes of the elements.
  public enum Function: String, Hashable, Sendable {
    case sum
    case mean
    /// Not a number where any element is none.
    case maximum
    /// Not a number where any element is none.
    case minimum
    case product
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

  /// The operand's shape with extents of 1 along the axes.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    var extents = inputs[0].dimensions
    for axis in axes {
      guard extents.indices.contains(axis) else { throw .axis(axis, rank: extents.count) }
      extents[axis] = 1
    }
    return Shape(extents)
  }

  /// Carries a batch that is not reduced.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    !axes.contains(0)
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
