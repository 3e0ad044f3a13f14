/// A function of one number, applied to every element; NaN gives NaN.
public struct Unary: OpAttributes, Hashable {
  /// The functions there are.
  public enum Function: Hashable, Sendable {
    /// `max(x, 0)`.
    case relu
    /// `x` above 0, else `slope * x`.
    case leakyRelu(slope: Float)
    /// `1 / (1 + exp(-x))`.
    case sigmoid
    /// `x / (1 + exp(-x))`.
    case silu
    /// `x (1 + erf(x / sqrt(2))) / 2`: the exact form, not the one by `tanh`.
    case gelu
    /// The hyperbolic tangent.
    case tanh
    /// The exponential function.
    case exp
    /// The natural logarithm: minus infinity of 0, NaN below.
    case log
    /// `|x|`, the sign bit cleared.
    case absolute
    /// `-x`, the sign bit flipped.
    case negate
    /// `sqrt(x)`: NaN below 0.
    case squareRoot
    /// `1 / sqrt(x)`.
    case reciprocalSquareRoot
    /// The error function.
    case erf
    /// The largest whole number that is not above `x`.
    case floor
    /// The smallest whole number that is not below `x`.
    case ceiling
    /// The nearest whole number, halves to the even one.
    case round
    /// The whole number towards 0.
    case truncate
    /// -1, 0 or 1; of a zero that zero itself.
    case sign
    /// The sine of an angle in radians.
    case sine
    /// The cosine of an angle in radians.
    case cosine
    /// `x` above 0, else `alpha (exp(x) - 1)`, exact near 0 too.
    case elu(alpha: Float)
    /// `log(1 + exp(x))`, which never overflows.
    case softplus
  }

  /// The op's name in dumps and messages.
  public static let name = "unary"
  /// The function.
  public let function: Function
  package init(function: Function) { self.function = function }

  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// The function's name.
  public var detail: String { function.description }

  /// The operand's shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape { inputs[0] }

  /// Folds the functions that weights are computed with, all of them exactly rounded.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    switch function {
    case .absolute: map(inputs[0]) { $0.magnitude }
    case .negate: map(inputs[0]) { -$0 }
    case .squareRoot: map(inputs[0]) { $0.squareRoot() }
    case .reciprocalSquareRoot: map(inputs[0]) { 1 / $0.squareRoot() }
    case .floor: map(inputs[0]) { $0.rounded(.down) }
    case .ceiling: map(inputs[0]) { $0.rounded(.up) }
    case .round: map(inputs[0]) { $0.rounded(.toNearestOrEven) }
    case .truncate: map(inputs[0]) { $0.rounded(.towardZero) }
    case .sign: map(inputs[0]) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .relu, .leakyRelu, .sigmoid, .silu, .gelu, .tanh, .exp, .log, .erf, .sine, .cosine, .elu,
      .softplus:
      nil
    }
  }

  private func map(_ tensor: Tensor, _ function: (Float) -> Float) -> Tensor? {
    tensor.floats().map { Tensor(shape: tensor.shape, $0.map(function)) }
  }

  /// Carries every batch.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool { true }
}

extension Unary.Function: CustomStringConvertible {
  /// The name, with the parameter where there is one.
  public var description: String {
    switch self {
    case .relu: "relu"
    case .leakyRelu(let slope): "leakyRelu \(slope)"
    case .sigmoid: "sigmoid"
    case .silu: "silu"
    case .gelu: "gelu"
    case .tanh: "tanh"
    case .exp: "exp"
    case .log: "log"
    case .absolute: "absolute"
    case .negate: "negate"
    case .squareRoot: "squareRoot"
    case .reciprocalSquareRoot: "reciprocalSquareRoot"
    case .erf: "erf"
    case .floor: "floor"
    case .ceiling: "ceiling"
    case .round: "round"
    case .truncate: "truncate"
    case .sign: "sign"
    case .sine: "sine"
    case .cosine: "cosine"
    case .elu(let alpha): "elu \(alpha)"
    case .softplus: "softplus"
    }
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
