import GraphIR

/// Elements, or parts of a value, at known indices: taken from there, or put there.
enum ScatterOps {
  static let table: [String: ONNXHandler] = [
    "GatherND": gatherParts,
    "ScatterND": scatterParts,
    "ScatterElements": scatterElements,
    // Its name before opset 11.
    "Scatter": scatterElements,
  ]

  @Sendable private static func gatherParts(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (value, indices) = (try call.operand(0), try call.operand(1))
    let batch = call.opset >= 12 ? try call.int("batch_dims", default: 0) : 0
    let rows = try importer.indexedRows(call, value.shape, indices, batchAxes: batch)
    let parts = try importer.reshape(value, to: Shape([rows.count] + rows.part.dimensions))
    return [
      try importer.take(
        parts, rows.indices, shape: Shape(indices.shape.dropLast()), axis: 0)
    ]
  }

  @Sendable private static func scatterParts(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let (indices, updates) = (try call.operand(1), try call.operand(2))
    let rows = try importer.indexedRows(call, value.shape, indices, batchAxes: 0)
    let needed = Shape(indices.shape.dropLast() + rows.part.dimensions)
    guard updates.shape == needed else {
      throw .operandShape(2, found: updates.shape, needed: "\(needed)")
    }
    return [try importer.scattered(call, rows)]
  }

  @Sendable private static func scatterElements(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let (indices, updates) = (try call.operand(1), try call.operand(2))
    let axis = try call.axis(try call.int("axis", default: 0), rank: value.rank)
    let places = try importer.elementPlaces(call, value.shape, indices, axis: axis)
    guard updates.shape == indices.shape else {
      throw .operandShape(2, found: updates.shape, needed: "\(indices.shape)")
    }
    return [
      try importer.scattered(
        call, IndexedRows(indices: places, count: value.shape.elementCount, part: []))
    ]
  }
}

/// Which parts of a value are meant, where the value is a list of such parts.
private struct IndexedRows {
  /// One for each part that is meant, in the order of the model's indices.
  let indices: [Int]
  /// How many parts the value has.
  let count: Int
  let part: Shape
}

/// What becomes of an element and its updates.
private enum Combination: String, CaseIterable {
  case replacement = "none"
  case sum = "add"
  case product = "mul"
  case maximum = "max"
  case minimum = "min"

  /// How to combine, and the number with which that changes nothing.
  var function: (function: Binary.Function, neutral: Float)? {
    switch self {
    case .replacement: nil
    case .sum: (.add, 0)
    case .product: (.multiply, 1)
    case .maximum: (.maximum, -.infinity)
    case .minimum: (.minimum, .infinity)
    }
  }
}

extension ONNXImporter {
  /// The parts that tuples of indices name, which stand along the last axis of a tensor.
  fileprivate func indexedRows(
    _ call: ONNXCall, _ shape: Shape, _ indices: ImportedValue, batchAxes: Int
  ) throws(ONNXProblem) -> IndexedRows {
    try call.requireIndices(indices)
    let most = min(shape.count, indices.rank - 1)
    guard batchAxes >= 0, batchAxes <= most,
      zip(shape, indices.shape).prefix(batchAxes).allSatisfy(==),
      let length = indices.shape.last, 1...max(1, shape.count - batchAxes) ~= length,
      batchAxes + length <= shape.count
    else {
      throw .operandShape(1, found: indices.shape, needed: "tuples of indices for \(shape)")
    }
    guard let numbers = try HostTensor(try known(indices, operand: 1))?.wholes else {
      throw .limit("indices", maximum: HostOps.mostWholeNumbers)
    }
    let extents = Shape(Array(shape[..<(batchAxes + length)]))
    let count = try Self.product(extents)
    let steps = extents.rowMajorSteps
    let tuples = numbers.count / length
    let perBatch = max(1, tuples / max(1, try Self.product(shape[..<batchAxes])))
    let batchStep = try Self.product(shape[batchAxes..<(batchAxes + length)])
    var rows = [Int]()
    rows.reserveCapacity(tuples)
    for tuple in 0..<tuples {
      var row = tuple / perBatch * batchStep
      for place in 0..<length {
        let (index, extent) = (numbers[tuple * length + place], extents[batchAxes + place])
        guard -extent..<extent ~= index else {
          throw .operandValue(1, needed: "an index within the extent \(extent)")
        }
        row += (index < 0 ? index + extent : index) * steps[batchAxes + place]
      }
      rows.append(row)
    }
    return IndexedRows(
      indices: rows, count: count, part: Shape(Array(shape[(batchAxes + length)...])))
  }

  /// The first operand with parts replaced by the third's, one for each index, or combined with
  /// them.
  fileprivate mutating func scattered(
    _ call: ONNXCall, _ rows: IndexedRows
  ) throws(ONNXProblem) -> ImportedValue {
    let (value, updates) = (try call.operand(0), try call.operand(2))
    guard updates.dtype == value.dtype else {
      throw .operandType(2, found: updates.dtype, needed: "\(value.dtype.rawValue) values")
    }
    let combination =
      call.opset >= 16 ? try call.word("reduction", default: Combination.replacement) : .replacement
    if updates.shape.contains(0) { return value }
    let length = rows.part.elementCount
    let list = try reshape(value, to: [rows.count, length])
    let added = try reshape(updates, to: [rows.indices.count, length])
    try requireTable([rows.count])
    guard let (function, neutral) = combination.function else {
      // Of several for one place, the last counts.
      var table = Array(0..<rows.count)
      for (update, row) in rows.indices.enumerated() { table[row] = rows.count + update }
      let both = try concatenation([list, added], axis: 0)
      return try reshape(try take(both, table, shape: [rows.count], axis: 0), to: value.shape)
    }
    _ = try real(call, 0)
    let neutralRow = try broadcast(scalar(neutral), to: [1, length])
    let both = try concatenation([added, neutralRow], axis: 0)
    var result = list
    for round in try combinationRounds(rows) {
      result = try binary(
        function, result, try take(both, round, shape: [rows.count], axis: 0))
    }
    return try reshape(result, to: value.shape)
  }

  /// One update for each part, or the one behind the last; as many rounds as the part with most
  /// updates needs.
  private mutating func combinationRounds(_ rows: IndexedRows) throws(ONNXProblem) -> [[Int]] {
    var rounds = [[Int]]()
    var counts = [Int](repeating: 0, count: rows.count)
    for (update, row) in rows.indices.enumerated() {
      if counts[row] == rounds.count {
        try requireTable([rows.count])
        rounds.append([Int](repeating: rows.indices.count, count: rows.count))
      }
      rounds[counts[row]][row] = update
      counts[row] += 1
    }
    return rounds
  }
}
