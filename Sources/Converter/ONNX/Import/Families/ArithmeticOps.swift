import GraphIR

/// Arithmetic on real numbers; that on whole ones is evaluated (`HostOps`), never built.
enum ArithmeticOps {
  static let table: [String: ONNXHandler] = [
    "Add": binary(.add),
    "Sub": binary(.subtract),
    "Mul": binary(.multiply),
    "Div": binary(.divide),
    "Pow": power,
    "Mod": modulo,
    "Min": fold(.minimum),
    "Max": fold(.maximum),
    "Sum": fold(.add),
    "Mean": mean,
    "Abs": unary(.absolute),
    "Neg": unary(.negate),
    "Sqrt": unary(.squareRoot),
    "Exp": unary(.exp),
    "Log": unary(.log),
    "Floor": unary(.floor),
    "Ceil": unary(.ceiling),
    "Round": unary(.round),
    "Sign": unary(.sign),
    "Sin": unary(.sine),
    "Cos": unary(.cosine),
    "Reciprocal": { importer, call throws(ONNXProblem) in
      let value = try importer.real(call, 0)
      return [try importer.binary(.divide, importer.scalar(1), value, dtype: value.dtype)]
    },
  ]

  static func unary(_ function: Unary.Function) -> ONNXHandler {
    { importer, call throws(ONNXProblem) in
      [try importer.unary(function, try importer.real(call, 0))]
    }
  }

  private static func binary(_ function: Binary.Function) -> ONNXHandler {
    { importer, call throws(ONNXProblem) in
      let (a, b) = try importer.realPair(call)
      return [try importer.binary(function, a, b)]
    }
  }

  private static func fold(_ function: Binary.Function) -> ONNXHandler {
    { importer, call throws(ONNXProblem) in
      [try importer.folded(function, call)]
    }
  }

  @Sendable private static func mean(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let sum = try importer.folded(.add, call)
    return [try importer.binary(.divide, sum, importer.scalar(Float(call.operands.count)))]
  }

  /// The exponents may be of another type than the result, which has the base's.
  @Sendable private static func power(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let base = try importer.real(call, 0)
    let given = try call.operand(1)
    let exponent = try importer.aligned(
      given.known == nil ? try importer.real(call, 1) : given, with: base, call)
    // What layer norms and the approximate GELU raise to, without a logarithm.
    switch exponent.uniformNumber {
    case 1? where exponent.rank <= base.rank: return [base]
    case 2? where exponent.rank <= base.rank: return [try importer.binary(.multiply, base, base)]
    case 3? where exponent.rank <= base.rank:
      let square = try importer.binary(.multiply, base, base)
      return [try importer.binary(.multiply, square, base)]
    default: return [try importer.binary(.power, base, exponent)]
    }
  }

  /// Rounded toward zero with `fmod`; without it, since opset 28 for real numbers too, downwards.
  @Sendable private static func modulo(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (a, b) = try importer.realPair(call)
    let rest = try importer.binary(.remainder, a, b)
    if try call.int("fmod", default: 0) != 0 { return [rest] }
    let zero = importer.scalar(0)
    let signs = try importer.binary(
      .multiply, try importer.unary(.sign, rest), try importer.unary(.sign, b))
    let isOpposite = try importer.binary(.less, signs, zero, dtype: .bool)
    return [try importer.select(isOpposite, try importer.binary(.add, rest, b), rest)]
  }
}

// Operands of arithmetic.
extension ONNXImporter {
  /// An operand that holds real numbers.
  func real(_ call: ONNXCall, _ index: Int) throws(ONNXProblem) -> ImportedValue {
    let value = try call.operand(index)
    guard value.dtype.isFloatingPoint else { throw try refusal(call, of: index) }
    return value
  }

  /// Why an operand's whole numbers or truth values are refused.
  ///
  /// - Throws: `ONNXProblem.needsValue` where they would do, with all other operands', as numbers that
  ///   are known.
  private func refusal(_ call: ONNXCall, of index: Int) throws(ONNXProblem) -> ONNXProblem {
    try requireRealNumbers(call.operands)
    for (other, operand) in call.operands.enumerated() {
      if let operand { _ = try known(operand, operand: other) }
    }
    return .operandType(
      index, found: try call.operand(index).dtype, needed: "real numbers, or fewer whole ones,")
  }

  /// Two operands that hold real numbers, shaped so that they broadcast as NumPy's do.
  mutating func realPair(
    _ call: ONNXCall
  ) throws(ONNXProblem) -> (a: ImportedValue, b: ImportedValue) {
    let (a, b) = (try real(call, 0), try real(call, 1))
    return (a, try aligned(b, with: a, call))
  }

  /// A second operand under the shape that the `axis` of models before opset 7 gives it.
  mutating func aligned(
    _ second: ImportedValue, with first: ImportedValue, _ call: ONNXCall
  ) throws(ONNXProblem) -> ImportedValue {
    try reshape(second, to: try call.alignedShape(of: second.shape, with: first.shape))
  }

  /// All operands taken together two by two.
  fileprivate mutating func folded(
    _ function: Binary.Function, _ call: ONNXCall
  ) throws(ONNXProblem) -> ImportedValue {
    var result = try real(call, 0)
    for index in call.operands.indices.dropFirst() {
      result = try binary(function, result, try real(call, index))
    }
    return result
  }

  /// A value times a number.
  mutating func scaled(
    _ value: ImportedValue, by factor: Float
  ) throws(ONNXProblem) -> ImportedValue {
    factor == 1 ? value : try binary(.multiply, value, scalar(factor))
  }

  /// A value plus a number.
  mutating func shifted(
    _ value: ImportedValue, by summand: Float
  ) throws(ONNXProblem) -> ImportedValue {
    summand == 0 ? value : try binary(.add, value, scalar(summand))
  }
}

extension ImportedValue {
  /// The number, where there is one only and it is known.
  var uniformNumber: Float? {
    shape.elementCount == 1 ? known?.floats()?.first : nil
  }
}
