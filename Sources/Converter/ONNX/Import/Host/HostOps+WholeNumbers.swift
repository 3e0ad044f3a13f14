// Whole numbers that never wrap: beyond 64 bits is an error here, beyond the bits of their type when
// a result becomes a tensor.
extension HostOps {
  @Sendable static func sum(_ a: Int, _ b: Int) throws(ONNXProblem) -> Int {
    try checked(a.addingReportingOverflow(b))
  }

  @Sendable static func difference(_ a: Int, _ b: Int) throws(ONNXProblem) -> Int {
    try checked(a.subtractingReportingOverflow(b))
  }

  @Sendable static func product(_ a: Int, _ b: Int) throws(ONNXProblem) -> Int {
    try checked(a.multipliedReportingOverflow(by: b))
  }

  /// Toward zero.
  @Sendable static func quotient(_ a: Int, _ b: Int) throws(ONNXProblem) -> Int {
    guard b != 0 else { throw .divisionByZero }
    return try checked(a.dividedReportingOverflow(by: b))
  }

  static func absolute(_ a: Int) throws(ONNXProblem) -> Int {
    a < 0 ? try difference(0, a) : a
  }

  /// Toward zero where the exponent is negative.
  @Sendable static func power(_ base: Int, _ exponent: Int) throws(ONNXProblem) -> Int {
    // These alone have powers that are large exponents' too.
    if base == 1 || exponent == 0 { return 1 }
    if base == -1 { return exponent.isMultiple(of: 2) ? 1 : -1 }
    if base == 0, exponent < 0 { throw .divisionByZero }
    if base == 0 || exponent < 0 { return 0 }
    var result = 1
    // Two to the 64th is beyond the range, so that a longer loop ends early.
    for _ in 0..<exponent { result = try product(result, base) }
    return result
  }

  private static func checked(
    _ result: (partialValue: Int, overflow: Bool)
  ) throws(ONNXProblem) -> Int {
    guard !result.overflow else { throw .wholeNumberRange(.int64) }
    return result.partialValue
  }
}
