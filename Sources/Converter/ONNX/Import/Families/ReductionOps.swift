import GraphIR

/// One number for all along some axes.
enum ReductionOps {
  static let table: [String: ONNXHandler] = [
    "ReduceSum": reduction { importer, value, axes throws(ONNXProblem) in
      try importer.reduction(.sum, value, axes: axes)
    },
    "ReduceMean": reduction(mean),
    "ReduceProd": reduction { importer, value, axes throws(ONNXProblem) in
      try importer.reduction(.product, value, axes: axes)
    },
    "ReduceMax": reduction(ofAnyType: true) { importer, value, axes throws(ONNXProblem) in
      let largest = try importer.reduction(.maximum, value, axes: axes)
      // Of no truth values the largest is false, not minus infinity.
      return value.dtype == .bool
        ? try importer.binary(.maximum, largest, importer.scalar(0)) : largest
    },
    "ReduceMin": reduction(ofAnyType: true) { importer, value, axes throws(ONNXProblem) in
      try importer.reduction(.minimum, value, axes: axes)
    },
    "ReduceL1": reduction { importer, value, axes throws(ONNXProblem) in
      try importer.reduction(.sum, try importer.unary(.absolute, value), axes: axes)
    },
    "ReduceL2": reduction { importer, value, axes throws(ONNXProblem) in
      try importer.unary(.squareRoot, try squares(&importer, value, axes))
    },
    "ReduceSumSquare": reduction(squares),
    "ReduceLogSum": reduction { importer, value, axes throws(ONNXProblem) in
      try importer.unary(.log, try importer.reduction(.sum, value, axes: axes))
    },
    "ReduceLogSumExp": reduction(logarithmOfSum),
    "ArgMax": extremum(.maximum),
    "ArgMin": extremum(.minimum),
  ]

  private typealias Body =
    @Sendable (inout ONNXImporter, ImportedValue, [Int]) throws(ONNXProblem) -> ImportedValue

  /// Reductions of any type compare whole numbers and truth values, and do not calculate with them.
  private static func reduction(
    ofAnyType: Bool = false, _ body: @escaping Body
  ) -> ONNXHandler {
    { importer, call throws(ONNXProblem) in
      let value = ofAnyType ? try call.operand(0) : try importer.real(call, 0)
      let given = try importer.wholeNumbers(
        call, "axes", operand: 1, since: call.reductionAxesOpset)
      let axes = try call.reductionAxes(given, rank: value.rank)
      // Only real numbers have an infinity for what there is of none.
      guard value.dtype.isFloatingPoint || axes.allSatisfy({ value.shape[$0] > 0 }) else {
        throw .operandShape(0, found: value.shape, needed: "a tensor that is not empty")
      }
      let result = try body(&importer, value, axes)
      return [try importer.reshape(result, to: try call.reducedShape(value.shape, axes))]
    }
  }

  /// Over the pixels of images as a network's head does it.
  @Sendable private static func mean(
    _ importer: inout ONNXImporter, _ value: ImportedValue, _ axes: [Int]
  ) throws(ONNXProblem) -> ImportedValue {
    guard value.rank == 4, axes.sorted() == [2, 3], value.shape.elementCount > 0 else {
      return try importer.reduction(.mean, value, axes: axes)
    }
    return try importer.emit([value]) { $0.spatialMean($1[0], label: $2) }
  }

  @Sendable private static func squares(
    _ importer: inout ONNXImporter, _ value: ImportedValue, _ axes: [Int]
  ) throws(ONNXProblem) -> ImportedValue {
    try importer.reduction(.sum, try importer.binary(.multiply, value, value), axes: axes)
  }

  /// Of exponentials of what the largest exceeds each number by, so that none overflows; where
  /// the largest is infinite, of the exponentials themselves.
  @Sendable private static func logarithmOfSum(
    _ importer: inout ONNXImporter, _ value: ImportedValue, _ axes: [Int]
  ) throws(ONNXProblem) -> ImportedValue {
    let largest = try importer.reduction(.maximum, value, axes: axes)
    let size = try importer.unary(.absolute, largest)
    let isInfinite = try importer.binary(.equal, size, importer.scalar(.infinity), dtype: .bool)
    let offset = try importer.select(isInfinite, importer.scalar(0), largest)
    let exponentials = try importer.unary(.exp, try importer.binary(.subtract, value, offset))
    let sum = try importer.reduction(.sum, exponentials, axes: axes)
    return try importer.binary(
      .add, try importer.unary(.log, sum), offset, dtype: value.dtype)
  }

  private static func extremum(_ kind: ArgExtremum.Kind) -> ONNXHandler {
    { importer, call throws(ONNXProblem) in
      let value = try call.operand(0)
      let axis = try call.axis(try call.int("axis", default: 0), rank: value.rank)
      let takesLast =
        call.opset >= 12 ? try call.int("select_last_index", default: 0) != 0 : false
      let place = try importer.emit([value], dtype: .int64) {
        $0.argExtremum(kind, $1[0], axis: axis, takesLast: takesLast, label: $2)
      }
      return [try importer.reshape(place, to: try call.reducedShape(value.shape, [axis]))]
    }
  }
}

extension ONNXCall {
  /// The opset since which a reduction's axes are an operand.
  var reductionAxesOpset: Int { node.op == "ReduceSum" ? 13 : 18 }

  /// The axes to reduce: those given; without any all, or none with `noop_with_empty_axes`.
  func reductionAxes(_ given: [Int]?, rank: Int) throws(ONNXProblem) -> [Int] {
    if let given, !given.isEmpty { return try axes(given, rank: rank) }
    let isNoop = try int("noop_with_empty_axes", default: 0) != 0
    return isNoop && opset >= reductionAxesOpset ? [] : Array(0..<rank)
  }

  /// A shape with axes reduced to extent 1, or taken away without `keepdims`.
  func reducedShape(_ shape: Shape, _ axes: [Int]) throws(ONNXProblem) -> Shape {
    let keeps = try int("keepdims", default: 1) != 0
    return Shape(
      shape.indices.compactMap { axes.contains($0) ? keeps ? 1 : nil : shape[$0] })
  }
}
