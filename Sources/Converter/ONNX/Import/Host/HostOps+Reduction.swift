import GraphIR

// Sums, products and extremes of known numbers, which exporters take of shapes.
extension HostOps {
  static let reductions: [String: Function] = [
    "ReduceSum": reduction(empty: (0, 0), whole: sum, real: +),
    "ReduceProd": reduction(empty: (1, 1), whole: product, real: *),
    "ReduceMax": reduction(
      empty: (nil, -.infinity), whole: { Swift.max($0, $1) }, real: greater),
    "ReduceMin": reduction(
      empty: (nil, .infinity), whole: { Swift.min($0, $1) }, real: lesser),
  ]

  /// Of no numbers at all there is `empty`; nil is an error.
  private static func reduction(
    empty: (whole: Int?, real: Double), whole: @escaping HostTensor.WholeOperation,
    real: @escaping @Sendable (Double, Double) -> Double
  ) -> Function {
    { call throws(ONNXProblem) in
      guard let value = try call.host(0) else { return nil }
      var given: [Int]?
      if call.opset < call.reductionAxesOpset {
        given = try call.optionalInts("axes")
      } else if call.optional(1) != nil {
        guard let axes = try call.host(1)?.wholes else { return nil }
        given = axes
      }
      let axes = try call.reductionAxes(given, rank: value.shape.count)
      let shape = try call.reducedShape(value.shape, axes)
      guard HostTensor.fits(value.dtype, shape) else { return nil }
      guard value.dtype != .bool || empty.whole == nil else {
        throw .operandType(0, found: .bool, needed: "numbers")
      }
      let groups = value.groups(along: axes)
      switch value.numbers {
      case .real(let values):
        let results = groups.map { group in
          group.dropFirst().reduce(group.first.map { values[$0] } ?? empty.real) {
            real($0, values[$1])
          }
        }
        return [HostTensor(value.dtype, shape, .real(results))]
      case .whole(let values):
        var results = [Int]()
        for group in groups {
          guard var result = group.first.map({ values[$0] }) ?? empty.whole else {
            throw .operandShape(0, found: value.shape, needed: "a tensor that is not empty")
          }
          for place in group.dropFirst() { result = try whole(result, values[place]) }
          results.append(result)
        }
        return [HostTensor(value.dtype, shape, .whole(results))]
      }
    }
  }
}

extension HostTensor {
  /// The places of the elements that become one, for each element of the result.
  fileprivate func groups(along axes: [Int]) -> [ArraySlice<Int>] {
    let kept = shape.indices.filter { !axes.contains($0) }
    let steps = shape.rowMajorSteps
    let order = kept + axes
    let places = StridedWalk(
      result: Shape(order.map { shape[$0] }),
      operands: [StridedWalk.Operand(steps: order.map { steps[$0] })]
    ).places
    let count = kept.map { shape[$0] }.reduce(1, *)
    let size = axes.map { shape[$0] }.reduce(1, *)
    return (0..<count).map { places[$0 * size..<($0 + 1) * size] }
  }
}
