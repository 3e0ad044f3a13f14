import GraphIR

extension NormalizationOps {
  /// `BatchNormalization` with stored statistics, or in training with the batch's own.
  static func batchNormalization(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let image = try call.operand(0)
    var vectors = [ImportedValue]()
    for index in 1...4 { vectors.append(try call.operand(index)) }
    try importer.requireRealNumbers([image] + vectors)
    guard image.rank >= 1 else {
      throw .operandShape(0, found: image.shape, needed: "a batch")
    }
    // One number an example counts as one channel. Before operator set 9, statistics could be of
    // each pixel: of as many channels.
    let spatial = call.opset < 9 ? try call.int("spatial", default: 1) : 1
    let isSpatial = spatial != 0
    let channels =
      image.rank == 1 ? 1 : isSpatial ? image.shape[1] : try ONNXImporter.product(image.shape[1...])
    for (index, vector) in vectors.enumerated() {
      guard vector.shape.elementCount == channels, !isSpatial || vector.rank == 1 else {
        throw .operandShape(index + 1, found: vector.shape, needed: "\(channels) numbers")
      }
      vectors[index] = try importer.reshape(vector, to: [channels])
    }
    let pixels =
      isSpatial && image.rank > 2 ? try ONNXImporter.product(image.shape[2...]) : 1
    let shape: Shape =
      image.rank == 4 && isSpatial ? image.shape : [image.shape[0], channels, 1, pixels]
    let rows = try importer.reshape(image, to: shape)
    var norm = BatchStatistics(
      gamma: vectors[0], beta: vectors[1], mean: vectors[2], variance: vectors[3],
      epsilon: try call.float("epsilon", default: 1e-5))
    guard try isTraining(call) else {
      return [try importer.reshape(try importer.normalized(rows, norm), to: image.shape)]
    }
    guard !call.wants(output: 3), !call.wants(output: 4) else {
      throw .form("results for computing gradients")
    }
    let momentum = try call.float("momentum", default: 0.9)
    let (mean, variance) = (norm.mean, norm.variance)
    try importer.measure(rows, into: &norm)
    let results = [
      try importer.reshape(try importer.normalized(rows, norm), to: image.shape),
      try importer.blend(mean, norm.mean, momentum),
      try importer.blend(variance, norm.variance, momentum),
    ]
    return results
  }

  /// Said by an attribute since operator set 14, before that by asking for the new statistics.
  private static func isTraining(_ call: ONNXCall) throws(ONNXProblem) -> Bool {
    if call.opset >= 14 { return try call.int("training_mode", default: 0) != 0 }
    if call.opset < 7, try call.int("is_test", default: 0) != 0 { return false }
    return (1...4).contains { call.wants(output: $0) }
  }
}

/// What a batch norm calculates with, a number a channel each.
private struct BatchStatistics {
  let gamma: ImportedValue
  let beta: ImportedValue
  var mean: ImportedValue
  var variance: ImportedValue
  let epsilon: Float
}

extension ONNXImporter {
  /// `(image - mean) / sqrt(variance + epsilon) * gamma + beta` for an image of four axes.
  fileprivate mutating func normalized(
    _ image: ImportedValue, _ norm: BatchStatistics
  ) throws(ONNXProblem) -> ImportedValue {
    let vectors = [norm.gamma, norm.beta, norm.mean, norm.variance]
    if vectors.allSatisfy(\.isFixed) {
      return try emit([image] + vectors) {
        $0.batchNorm(
          $1[0], gamma: $1[1], beta: $1[2], mean: $1[3], variance: $1[4], epsilon: norm.epsilon,
          label: $2)
      }
    }
    let column: Shape = [1, image.shape[1], 1, 1]
    let shifted = try binary(.add, norm.variance, scalar(norm.epsilon))
    let scale = try binary(.multiply, norm.gamma, try unary(.reciprocalSquareRoot, shifted))
    let centred = try binary(.subtract, image, try reshape(norm.mean, to: column))
    let scaled = try binary(.multiply, centred, try reshape(scale, to: column))
    return try binary(.add, scaled, try reshape(norm.beta, to: column))
  }

  /// Replaces the stored statistics by those of the batch, the variance being that of the numbers
  /// themselves and not an estimate from a sample.
  fileprivate mutating func measure(
    _ image: ImportedValue, into norm: inout BatchStatistics
  ) throws(ONNXProblem) {
    let mean = try reduction(.mean, image, axes: [0, 2, 3])
    let centred = try binary(.subtract, image, mean)
    let squares = try binary(.multiply, centred, centred)
    let variance = try reduction(.mean, squares, axes: [0, 2, 3])
    norm.mean = try reshape(mean, to: [image.shape[1]])
    norm.variance = try reshape(variance, to: [image.shape[1]])
  }

  /// `old * momentum + new * (1 - momentum)`.
  fileprivate mutating func blend(
    _ old: ImportedValue, _ new: ImportedValue, _ momentum: Float
  ) throws(ONNXProblem) -> ImportedValue {
    let kept = try binary(.multiply, old, scalar(momentum))
    return try binary(.add, kept, try binary(.multiply, new, scalar(1 - momentum)))
  }
}
