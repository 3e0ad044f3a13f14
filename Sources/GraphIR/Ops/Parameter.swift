/// A trained weight, supplied when the graph is compiled.
public struct Parameter: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "parameter"
  /// The name in the weight file.
  public let name: String
  /// The exact shape that the weight must have.
  public let shape: Shape
  /// Takes no operands.
  public var operandCounts: ClosedRange<Int> { 0...0 }
  /// The shape.
  public var detail: String { "\(shape)" }

  /// The declared shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape { shape }
}

/// Values that are part of the graph itself: literals, bound weights, folded results.
public struct Constant: OpAttributes {
  /// The op's name in dumps and messages.
  public static let name = "constant"
  /// The values.
  public let tensor: Tensor
  /// Takes no operands.
  public var operandCounts: ClosedRange<Int> { 0...0 }
  /// The shape.
  public var detail: String { "\(tensor.shape)" }

  /// The shape of the values.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape { tensor.shape }
}

extension GraphBuilder {
  /// Declares a weight of the given name and shape.
  public mutating func parameter(_ name: String, _ shape: Shape) -> Graph.Value {
    add(.parameter(Parameter(name: name, shape: shape)), label: name)
  }

  /// Adds literal values.
  public mutating func constant(_ tensor: Tensor, label: String) -> Graph.Value {
    add(.constant(Constant(tensor: tensor)), label: label)
  }

  /// Adds a scalar.
  public mutating func constant(_ value: Float, label: String) -> Graph.Value {
    constant(Tensor(shape: [], [value]), label: label)
  }
}
