import GraphIR

/// Comparisons, truth values as 0 and 1, and choices between numbers.
///
/// Whole numbers may be compared while the network runs: they are exact to 2^24.
enum ComparisonOps {
  static let table: [String: ONNXHandler] = [
    "Less": comparison(.less),
    "LessOrEqual": comparison(.lessOrEqual),
    "Greater": comparison(.less, swapped: true),
    "GreaterOrEqual": comparison(.lessOrEqual, swapped: true),
    "Equal": comparison(.equal),
    "And": truth { importer, a, b throws(ONNXProblem) in try importer.binary(.minimum, a, b) },
    "Or": truth { importer, a, b throws(ONNXProblem) in try importer.binary(.maximum, a, b) },
    "Xor": truth { importer, a, b throws(ONNXProblem) in
      try importer.negation(try importer.binary(.equal, a, b))
    },
    "Not": { importer, call throws(ONNXProblem) in
      [try importer.negation(try call.truth(0))]
    },
    "IsNaN": { importer, call throws(ONNXProblem) in
      let value = try importer.real(call, 0)
      let isNumber = try importer.binary(.equal, value, value, dtype: .bool)
      return [try importer.negation(isNumber)]
    },
    "IsInf": isInfinite,
    "Where": { importer, call throws(ONNXProblem) in
      let (a, b) = (try call.operand(1), try call.operand(2))
      guard a.dtype == b.dtype else {
        throw .operandType(2, found: b.dtype, needed: "\(a.dtype.rawValue) values")
      }
      return [try importer.select(try call.truth(0), a, b)]
    },
  ]

  private static func comparison(
    _ function: Binary.Function, swapped: Bool = false
  ) -> ONNXHandler {
    { importer, call throws(ONNXProblem) in
      let a = try call.operand(0)
      let b = try importer.aligned(try call.operand(1), with: a, call)
      guard a.dtype.isHostType, a.dtype == b.dtype else {
        throw .operandType(1, found: b.dtype, needed: "\(a.dtype.rawValue) values")
      }
      return [
        swapped
          ? try importer.binary(function, b, a, dtype: .bool)
          : try importer.binary(function, a, b, dtype: .bool)
      ]
    }
  }

  private static func truth(
    _ function:
      @escaping @Sendable (inout ONNXImporter, ImportedValue, ImportedValue) throws(ONNXProblem) ->
      ImportedValue
  ) -> ONNXHandler {
    { importer, call throws(ONNXProblem) in
      let a = try call.truth(0)
      let b = try importer.aligned(try call.truth(1), with: a, call)
      return [try function(&importer, a, b)]
    }
  }

  @Sendable private static func isInfinite(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try importer.real(call, 0)
    let negative = try call.int("detect_negative", default: 1) != 0
    let positive = try call.int("detect_positive", default: 1) != 0
    guard negative || positive else {
      let none = HostTensor([], truths: [false])
      return [try importer.broadcast(ImportedValue(try none.tensor()), to: value.shape)]
    }
    let tested = negative && positive ? try importer.unary(.absolute, value) : value
    let infinity = importer.scalar(positive ? .infinity : -.infinity)
    return [try importer.binary(.equal, tested, infinity, dtype: .bool)]
  }
}

extension ONNXCall {
  /// An operand that holds truth values.
  fileprivate func truth(_ index: Int) throws(ONNXProblem) -> ImportedValue {
    let value = try operand(index)
    guard value.dtype == .bool else {
      throw .operandType(index, found: value.dtype, needed: "BOOL values")
    }
    return value
  }
}

extension ONNXImporter {
  /// 1 for 0, and 0 for everything else.
  mutating func negation(_ value: ImportedValue) throws(ONNXProblem) -> ImportedValue {
    try binary(.equal, value, scalar(0), dtype: .bool)
  }
}
