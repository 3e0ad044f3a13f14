import GraphIR

/// Numbers brought to a common mean and spread.
enum NormalizationOps {
  static let table: [String: ONNXHandler] = [
    "BatchNormalization": batchNormalization,
    "GroupNormalization": groupNormalization,
    "InstanceNormalization": instanceNormalization,
    "LayerNormalization": layerNormalization,
    "LRN": localResponseNormalization,
  ]

  private static func instanceNormalization(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    guard value.rank >= 3 else {
      throw .operandShape(0, found: value.shape, needed: "batch, channels and more extents")
    }
    let channels = value.shape[1]
    return [try importer.normalizedGroups(call, groups: channels, factors: channels)]
  }

  private static func groupNormalization(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    guard value.rank >= 2 else {
      throw .operandShape(0, found: value.shape, needed: "batch, channels and more extents")
    }
    guard let groups = try call.optionalInt("num_groups") else {
      throw .missingAttribute("num_groups")
    }
    let channels = value.shape[1]
    guard groups > 0, channels % groups == 0 else {
      throw .attribute(
        "num_groups", found: "\(groups)", needed: "a divisor of the \(channels) channels")
    }
    try checkStash(call)
    // Before operator set 21 a group had one factor.
    let factors = call.opset < 21 ? groups : channels
    return [try importer.normalizedGroups(call, groups: groups, factors: factors)]
  }

  private static func layerNormalization(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let scale = try call.operand(1)
    let bias = call.optional(2)
    try importer.requireRealNumbers([value, scale, bias])
    let axis = try call.axis(try call.int("axis", default: -1), rank: value.rank)
    let epsilon = try call.float("epsilon", default: 1e-5)
    let stash = try checkStash(call)
    for (index, operand) in [(1, scale), (2, bias ?? scale)]
    where operand.shape.broadcast(with: value.shape) != value.shape {
      throw .operandShape(index, found: operand.shape, needed: "what broadcasts to \(value.shape)")
    }
    let outer = Array(value.shape[..<axis])
    let normal = try importer.standardized(
      value, rows: try ONNXImporter.product(outer),
      length: try ONNXImporter.product(value.shape[axis...]),
      epsilon: epsilon)
    var result = try importer.reshape(normal.values, to: value.shape)
    result = try importer.binary(.multiply, result, scale)
    if let bias { result = try importer.binary(.add, result, bias) }
    let statistics = Shape(outer + value.shape[axis...].map { _ in 1 })
    return [
      result, try importer.reshape(normal.mean, to: statistics).typed(stash),
      try importer.reshape(normal.factor, to: statistics).typed(stash),
    ]
  }

  /// The precision that a model asks for in between; 32 bits serve for all of them.
  @discardableResult
  private static func checkStash(_ call: ONNXCall) throws(ONNXProblem) -> DType {
    // By the numbers that ONNX gives element types.
    switch try call.int("stash_type", default: 1) {
    case 1: return .float32
    case 10: return .float16
    case 11: return .float64
    case 16: return .bfloat16
    case let other:
      throw .attribute("stash_type", found: "\(other)", needed: "a floating-point type")
    }
  }

  /// Each number through a power of the mean square around it, channels being neighbours.
  private static func localResponseNormalization(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    try importer.requireRealNumbers([value])
    guard value.rank >= 2 else {
      throw .operandShape(0, found: value.shape, needed: "batch, channels and more extents")
    }
    guard let size = try call.optionalInt("size") else { throw .missingAttribute("size") }
    guard (1...ONNXCall.largestSize).contains(size) else {
      throw .attribute("size", found: "\(size)", needed: "a number of channels")
    }
    let alpha = try call.float("alpha", default: 1e-4)
    let beta = try call.float("beta", default: 0.75)
    let bias = try call.float("bias", default: 1)
    // The channels become rows, and the sum over some of them a mean that counts the zeros around.
    let (batch, channels) = (value.shape[0], value.shape[1])
    let rows = try importer.reshape(
      value, to: [batch, 1, channels, try ONNXImporter.product(value.shape[2...])])
    let squares = try importer.binary(.multiply, rows, rows)
    let padding = Padding(top: (size - 1) / 2, left: 0, bottom: size / 2, right: 0)
    let means = try importer.emit([squares]) {
      $0.pooling(
        .average, $1[0], window: Size2D(height: size, width: 1),
        WindowGeometry(padding: padding), label: $2)
    }
    let scaled = try importer.binary(.multiply, means, importer.scalar(alpha))
    let base = try importer.binary(.add, scaled, importer.scalar(bias))
    let factor = try importer.binary(.power, base, importer.scalar(-beta))
    return [try importer.reshape(try importer.binary(.multiply, rows, factor), to: value.shape)]
  }
}

extension ONNXImporter {
  /// Numbers less the mean of their row, over the row's standard deviation.
  ///
  /// - Parameters:
  ///   - value: of any shape with `rows * length` elements.
  ///   - rows: how many rows there are.
  ///   - length: how many numbers each has.
  ///   - epsilon: added to the variance.
  /// - Returns: `[rows, length]`, and for each row the mean and what its numbers were multiplied by,
  ///   both `[rows, 1]`.
  /// - Throws: `ONNXProblem.shape`.
  fileprivate mutating func standardized(
    _ value: ImportedValue, rows: Int, length: Int, epsilon: Float
  ) throws(ONNXProblem) -> (values: ImportedValue, mean: ImportedValue, factor: ImportedValue) {
    let value = try reshape(value, to: [rows, length])
    let mean = try reduction(.mean, value, axes: [1])
    let centred = try binary(.subtract, value, mean)
    let squares = try binary(.multiply, centred, centred)
    let variance = try reduction(.mean, squares, axes: [1])
    let shifted = try binary(.add, variance, scalar(epsilon))
    let factor = try unary(.reciprocalSquareRoot, shifted)
    return (try binary(.multiply, centred, factor), mean, factor)
  }

  /// Standardizes each image's groups of channels, then applies factors and offsets.
  ///
  /// - Parameters:
  ///   - call: with image, scale and bias.
  ///   - groups: into which the channels divide.
  ///   - factors: how many numbers scale and bias have: one a group or one a channel.
  /// - Returns: a value of the image's shape.
  /// - Throws: `ONNXProblem` where scale or bias are of another length.
  fileprivate mutating func normalizedGroups(
    _ call: ONNXCall, groups: Int, factors: Int
  ) throws(ONNXProblem) -> ImportedValue {
    let value = try call.operand(0)
    let (scale, bias) = (try call.operand(1), try call.operand(2))
    try requireRealNumbers([value, scale, bias])
    for (index, operand) in [(1, scale), (2, bias)] where operand.shape != [factors] {
      throw .operandShape(index, found: operand.shape, needed: "\(factors) numbers")
    }
    let epsilon = try call.float("epsilon", default: 1e-5)
    let batch = value.shape[0]
    let maps = try Self.product(value.shape[2...])
    let normal = try standardized(
      value, rows: try Self.product([batch, groups]),
      length: try Self.product([value.shape[1] / max(1, groups), maps]), epsilon: epsilon)
    // Everything that shares a factor in one row.
    let split: Shape = [
      batch, factors, try Self.product([value.shape[1] / max(1, factors), maps]),
    ]
    var result = try reshape(normal.values, to: split)
    result = try binary(.multiply, result, try reshape(scale, to: [factors, 1]))
    result = try binary(.add, result, try reshape(bias, to: [factors, 1]))
    return try reshape(result, to: value.shape)
  }
}
