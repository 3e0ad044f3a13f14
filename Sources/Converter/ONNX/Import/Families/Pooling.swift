import GraphIR

/// What becomes of the pixels under a moving window, or of all pixels of an image.
enum PoolingOps {
  static let table: [String: ONNXHandler] = [
    "AveragePool": averagePool,
    "GlobalAveragePool": globalAveragePool,
    "GlobalLpPool": globalLpPool,
    "GlobalMaxPool": globalMaxPool,
    "LpPool": lpPool,
    "MaxPool": maxPool,
  ]

  private static func maxPool(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let image = try call.operand(0)
    // Floats hold bytes as they are.
    if image.dtype != .uint8, image.dtype != .int8 { try importer.requireRealNumbers([image]) }
    let axes = try call.pooledAxes(of: image)
    var results = [try importer.pooling(.maximum, image, axes)]
    if call.wants(output: 1) {
      let order = try call.int("storage_order", default: 0)
      results.append(try importer.maximumPlaces(image, axes, isColumnMajor: order != 0))
    }
    return results
  }

  private static func averagePool(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let image = try call.operand(0)
    try importer.requireRealNumbers([image])
    let axes = try call.pooledAxes(of: image)
    let countsPadding = try call.int("count_include_pad", default: 0) != 0
    var mean = try importer.pooling(.average, image, axes)
    // The graph's mean is over the whole window.
    var factor: ImportedValue?
    for (index, axis) in axes.enumerated() {
      try importer.requireTable([axis.results])
      let counts = axis.counts(includingPadding: countsPadding)
      let taps = axis.declared.taps
      guard counts.contains(where: { $0 != taps }) else { continue }
      var shape = [Int](repeating: 1, count: image.rank)
      shape[2 + index] = axis.results
      let factors = importer.constant(
        counts.map { $0 == 0 ? 0 : Float(taps) / Float($0) }, Shape(shape))
      // Constants both: their product is made when the graph is compiled.
      factor =
        if let rows = factor { try importer.binary(.multiply, rows, factors) } else { factors }
    }
    if let factor { mean = try importer.binary(.multiply, mean, factor) }
    return [mean]
  }

  private static func lpPool(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let image = try call.operand(0)
    try importer.requireRealNumbers([image])
    let axes = try call.pooledAxes(of: image)
    let exponent = try exponent(call)
    let powers = try importer.power(of: image, exponent)
    let mean = try importer.pooling(.average, powers, axes)
    let taps = axes.reduce(1) { $0 * Float($1.declared.taps) }
    let sum = try importer.binary(.multiply, mean, importer.scalar(taps))
    return [try importer.root(of: sum, exponent)]
  }

  private static func globalAveragePool(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (image, axes) = try globalOperand(importer, call)
    guard image.rank == 4 else { return [try importer.reduction(.mean, image, axes: axes)] }
    let mean = try importer.emit([image]) { $0.spatialMean($1[0], label: $2) }
    return [try importer.reshape(mean, to: [image.shape[0], image.shape[1], 1, 1])]
  }

  private static func globalMaxPool(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (image, axes) = try globalOperand(importer, call)
    return [try importer.reduction(.maximum, image, axes: axes)]
  }

  private static func globalLpPool(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (image, axes) = try globalOperand(importer, call)
    let exponent = try exponent(call)
    let powers = try importer.power(of: image, exponent)
    let sum = try importer.reduction(.sum, powers, axes: axes)
    return [try importer.root(of: sum, exponent)]
  }

  /// An operand with the axes behind batch and channels, of which there may be any number.
  private static func globalOperand(
    _ importer: ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> (ImportedValue, axes: [Int]) {
    let image = try call.operand(0)
    try importer.requireRealNumbers([image])
    guard image.rank > 2 else {
      throw .operandShape(0, found: image.shape, needed: "batch, channels and more extents")
    }
    return (image, Array(2..<image.rank))
  }

  /// The exponent of a norm.
  private static func exponent(_ call: ONNXCall) throws(ONNXProblem) -> Int {
    let exponent = try call.int("p", default: 2)
    guard exponent > 0 else {
      throw .attribute("p", found: "\(exponent)", needed: "a positive number")
    }
    return exponent
  }
}

extension ONNXImporter {
  /// `|x|` to a power.
  fileprivate mutating func power(
    of value: ImportedValue, _ exponent: Int
  ) throws(ONNXProblem) -> ImportedValue {
    switch exponent {
    case 1: try unary(.absolute, value)
    case 2: try binary(.multiply, value, value)
    default: try binary(.power, try unary(.absolute, value), scalar(Float(exponent)))
    }
  }

  /// The root of a sum of such powers.
  fileprivate mutating func root(
    of value: ImportedValue, _ exponent: Int
  ) throws(ONNXProblem) -> ImportedValue {
    switch exponent {
    case 1: value
    case 2: try unary(.squareRoot, value)
    default: try binary(.power, value, scalar(1 / Float(exponent)))
    }
  }
}
