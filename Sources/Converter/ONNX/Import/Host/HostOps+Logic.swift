import GraphIR

// Comparisons, truth values and choices.
extension HostOps {
  static let logic: [String: Function] = [
    "Equal": comparison(whole: { $0 == $1 }, real: { $0 == $1 }),
    "Less": comparison(whole: { $0 < $1 }, real: { $0 < $1 }),
    "LessOrEqual": comparison(whole: { $0 <= $1 }, real: { $0 <= $1 }),
    "Greater": comparison(whole: { $0 > $1 }, real: { $0 > $1 }),
    "GreaterOrEqual": comparison(whole: { $0 >= $1 }, real: { $0 >= $1 }),
    "And": truth { $0 && $1 },
    "Or": truth { $0 || $1 },
    "Xor": truth { $0 != $1 },
    "Not": { call throws(ONNXProblem) in
      guard let value = try call.host(0), let wholes = value.wholes else { return nil }
      try call.requireTruth(value, 0)
      return [HostTensor(value.shape, truths: wholes.map { $0 == 0 })]
    },
    "Where": choice,
  ]

  private static func comparison(
    whole: @escaping @Sendable (Int, Int) -> Bool,
    real: @escaping @Sendable (Double, Double) -> Bool
  ) -> Function {
    { call throws(ONNXProblem) in
      guard let (a, b) = try call.hostPair() else { return nil }
      guard a.dtype == b.dtype else {
        throw .operandType(1, found: b.dtype, needed: "\(a.dtype.rawValue) values")
      }
      return [a.compared(b, whole: whole, real: real)]
    }
  }

  private static func truth(_ function: @escaping @Sendable (Bool, Bool) -> Bool) -> Function {
    { call throws(ONNXProblem) in
      guard let (a, b) = try call.hostPair() else { return nil }
      try call.requireTruth(a, 0)
      try call.requireTruth(b, 1)
      return [a.compared(b, whole: { function($0 != 0, $1 != 0) }, real: { _, _ in false })]
    }
  }

  @Sendable private static func choice(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let condition = try call.host(0), let a = try call.host(1), let b = try call.host(2)
    else { return nil }
    try call.requireTruth(condition, 0)
    guard a.dtype == b.dtype else {
      throw .operandType(2, found: b.dtype, needed: "\(a.dtype.rawValue) values")
    }
    guard let values = a.shape.broadcast(with: b.shape),
      let shape = condition.shape.broadcast(with: values)
    else { throw .shape(.notBroadcastable(a.shape, b.shape)) }
    guard HostTensor.fits(a.dtype, shape), HostTensor.fits(.bool, shape) else { return nil }
    let isMet = condition.broadcast(to: shape).reals.map { $0 != 0 }
    func choose<Number>(_ a: [Number], _ b: [Number]) -> [Number] {
      isMet.indices.map { isMet[$0] ? a[$0] : b[$0] }
    }
    switch (a.broadcast(to: shape).numbers, b.broadcast(to: shape).numbers) {
    case (.whole(let a1), .whole(let b1)):
      return [HostTensor(a.dtype, shape, .whole(choose(a1, b1)))]
    case (.real(let a1), .real(let b1)):
      return [HostTensor(a.dtype, shape, .real(choose(a1, b1)))]
    default: return nil
    }
  }
}

extension ONNXCall {
  fileprivate func requireTruth(_ value: HostTensor, _ index: Int) throws(ONNXProblem) {
    guard value.dtype == .bool else {
      throw .operandType(index, found: value.dtype, needed: "BOOL values")
    }
  }
}
