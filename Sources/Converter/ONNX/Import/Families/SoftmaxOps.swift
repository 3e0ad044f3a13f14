import GraphIR

/// Probabilities from scores.
enum SoftmaxOps {
  static let table: [String: ONNXHandler] = [
    "Softmax": { importer, call throws(ONNXProblem) in
      try normalized(&importer, call) { importer, value, axis throws(ONNXProblem) in
        try importer.softmax(value, axis: axis)
      }
    },
    "LogSoftmax": { importer, call throws(ONNXProblem) in
      try normalized(&importer, call) { importer, value, axis throws(ONNXProblem) in
        let shifted = try importer.belowMaximum(value, axis: axis)
        let sum = try importer.reduction(
          .sum, try importer.unary(.exp, shifted), axes: [axis])
        return try importer.binary(.subtract, shifted, try importer.unary(.log, sum))
      }
    },
  ]

  /// Along one axis; before opset 13, along all axes from that one on together.
  private static func normalized(
    _ importer: inout ONNXImporter, _ call: ONNXCall,
    _ body: (inout ONNXImporter, ImportedValue, Int) throws(ONNXProblem) -> ImportedValue
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try importer.real(call, 0)
    if call.opset >= 13 {
      // A single number is one of one, for want of an axis.
      let line = value.rank == 0 ? try importer.reshape(value, to: [1]) : value
      let axis = try call.axis(try call.int("axis", default: -1), rank: line.rank)
      return [try importer.reshape(try body(&importer, line, axis), to: value.shape)]
    }
    var axis = try call.int("axis", default: 1)
    // Behind the last axis too: then every number is alone.
    if axis != value.rank { axis = try call.axis(axis, rank: value.rank) }
    if axis == value.rank - 1 { return [try body(&importer, value, axis)] }
    let matrix = try importer.reshape(
      value,
      to: [value.shape[..<axis].reduce(1, *), value.shape[axis...].reduce(1, *)])
    return [try importer.reshape(try body(&importer, matrix, 1), to: value.shape)]
  }
}

extension ONNXImporter {
  /// Exponentials as parts of their sum along an axis counted from 0.
  mutating func softmax(
    _ value: ImportedValue, axis: Int
  ) throws(ONNXProblem) -> ImportedValue {
    let exponentials = try unary(.exp, try belowMaximum(value, axis: axis))
    let sum = try reduction(.sum, exponentials, axes: [axis])
    return try binary(.divide, exponentials, sum)
  }

  /// What the largest number along an axis exceeds each by, negative, so that exponentials do not
  /// overflow.
  fileprivate mutating func belowMaximum(
    _ value: ImportedValue, axis: Int
  ) throws(ONNXProblem) -> ImportedValue {
    try binary(.subtract, value, try reduction(.maximum, value, axes: [axis]))
  }
}
