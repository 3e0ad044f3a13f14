import Foundation
import GraphIR

// Arithmetic as ONNX defines it: whole numbers are divided toward zero, rounding goes to even.
extension HostOps {
  static let arithmetic: [String: Function] = [
    "Abs": unary(whole: { value throws(ONNXProblem) in try absolute(value) }) { $0.magnitude },
    "Neg": unary(whole: { value throws(ONNXProblem) in try difference(0, value) }) { -$0 },
    "Sign": unary(whole: { $0.signum() }) { $0.isNaN ? $0 : $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
    "Floor": unary { $0.rounded(.down) },
    "Ceil": unary { $0.rounded(.up) },
    "Round": unary { $0.rounded(.toNearestOrEven) },
    "Sqrt": unary { $0.squareRoot() },
    "Reciprocal": unary { 1 / $0 },
    "Add": binary(whole: sum, real: +),
    "Sub": binary(whole: difference, real: -),
    "Mul": binary(whole: product, real: *),
    "Div": binary(whole: quotient, real: /),
    "Mod": modulo,
    "Pow": raised,
    "Min": fold(whole: { Swift.min($0, $1) }, real: lesser),
    "Max": fold(whole: { Swift.max($0, $1) }, real: greater),
    "Sum": fold(whole: sum, real: +),
    "Mean": mean,
    "Clip": clip,
  ]

  private static func unary(
    whole: HostTensor.WholeFunction? = nil, real: @escaping @Sendable (Double) -> Double
  ) -> Function {
    { call throws(ONNXProblem) in
      guard let value = try call.host(0), value.dtype != .bool else { return nil }
      return try value.mapped(whole: whole, real: real).map { [$0] }
    }
  }

  private static func binary(
    whole: @escaping HostTensor.WholeOperation,
    real: @escaping @Sendable (Double, Double) -> Double
  ) -> Function {
    { call throws(ONNXProblem) in
      guard let (a, b) = try call.hostPair() else { return nil }
      try call.requireNumbers(a, b)
      return [try a.combined(b, whole: whole, real: real)]
    }
  }

  private static func fold(
    whole: @escaping HostTensor.WholeOperation,
    real: @escaping @Sendable (Double, Double) -> Double
  ) -> Function {
    { call throws(ONNXProblem) in
      guard let operands = try call.hosts() else { return nil }
      var result = operands[0]
      for (index, operand) in operands.enumerated() {
        guard let shape = result.shape.broadcast(with: operand.shape) else {
          throw .shape(.notBroadcastable(result.shape, operand.shape))
        }
        guard HostTensor.fits(result.dtype, shape) else { return nil }
        try call.requireNumbers(result, operand, index: index)
        guard index > 0 else { continue }
        result = try result.broadcast(to: shape)
          .combined(operand.broadcast(to: shape), whole: whole, real: real)
      }
      return [result]
    }
  }

  @Sendable private static func mean(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let total = try fold(whole: sum, real: +)(call)?.first, total.wholes == nil else {
      return nil
    }
    let count = Double(call.operands.count)
    return [HostTensor(total.dtype, total.shape, .real(total.reals.map { $0 / count }))]
  }

  @Sendable private static func modulo(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let (a, b) = try call.hostPair() else { return nil }
    try call.requireNumbers(a, b)
    let truncates = try call.int("fmod", default: 0) != 0
    return [
      try a.combined(
        b,
        whole: { (a, b) throws(ONNXProblem) in
          guard b != 0 else { throw .divisionByZero }
          let rest = b == -1 ? 0 : a % b
          return truncates || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b
        },
        real: { a, b in
          let rest = a.truncatingRemainder(dividingBy: b)
          return truncates || rest == 0 || rest.isNaN || (rest < 0) == (b < 0) ? rest : rest + b
        })
    ]
  }

  /// The exponents may be of another type.
  @Sendable private static func raised(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let (a, b) = try call.hostPair() else { return nil }
    guard a.dtype != .bool, b.dtype != .bool else { return nil }
    return [try a.combined(b, whole: power) { pow($0, $1) }]
  }

  /// Bounds as operands, or before opset 11 as attributes.
  @Sendable private static func clip(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard call.opset >= 11, var result = try call.host(0) else { return nil }
    for (index, isLower) in [(1, true), (2, false)] where call.optional(index) != nil {
      guard let bound = try call.host(index) else { return nil }
      guard bound.shape.elementCount == 1 else {
        throw .operandShape(index, found: bound.shape, needed: "one number")
      }
      try call.requireNumbers(result, bound, index: index)
      let repeated = HostTensor(bound.dtype, [], bound.numbers).broadcast(to: result.shape)
      result =
        isLower
        ? try result.combined(repeated, whole: { Swift.max($0, $1) }, real: greater)
        : try result.combined(repeated, whole: { Swift.min($0, $1) }, real: lesser)
    }
    return [result]
  }

  // NaN wins over every number.
  @Sendable static func lesser(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
  }

  @Sendable static func greater(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
  }
}

extension ONNXCall {
  /// Refuses truth values, and two different types, as the operands of arithmetic.
  fileprivate func requireNumbers(
    _ a: HostTensor, _ b: HostTensor, index: Int = 1
  ) throws(ONNXProblem) {
    guard a.dtype != .bool else { throw .operandType(0, found: .bool, needed: "numbers") }
    guard a.dtype == b.dtype else {
      throw .operandType(index, found: b.dtype, needed: "\(a.dtype.rawValue) values")
    }
  }
}
