/// A function of one number, applied to every element.
public struct Unary: OpAttributes, Hashable {
  /// The functions there are.
  public enum Function: String, Hashable, Sendable {
    /// `max(x, 0)`.
    case relu
    /// `1 / sqrt(x)`.
    case reciprocalSquareRoot
  }

  /// The op's name in dumps and messages.
  public static let name = "unary"
  /// The function.
  public let function: Function
  package init(function: Function) { self.function = function }

  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// The function's name.
  public var detail: String { function.rawValue }

  /// The operand's shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape { inputs[0] }

  /// Folds the reciprocal square root, which only weights need.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    guard function == .reciprocalSquareRoot, let values = inputs[0].floats() else { return nil }
    return Tensor(shape: inputs[0].shape, values.map { 1 / $0.squareRoot() })
  }
}

extension GraphBuilder {
  /// Applies a function to every element.
  public mutating func unary(
    _ function: Unary.Function, _ value: Graph.Value, label: String
  ) -> Graph.Value {
    add(.unary(Unary(function: function)), value, label: label)
  }
}
