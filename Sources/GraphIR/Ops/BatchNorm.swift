/// Batch normalisation with stored statistics, as `torch.nn.BatchNorm2d` and, for feature vectors,
/// `BatchNorm1d` in evaluation mode.
///
/// Operands: image `[batch, channels, height, width]` or vectors `[batch, channels]`, then gamma,
/// beta, running mean and running variance, each `[channels]`. The runtime has no kernel for it: the
/// passes turn it into `ChannelAffine` or arithmetic, or fold it away.
public struct BatchNorm: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "batchNorm"
  /// Added to the variance before its root is taken.
  public let epsilon: Float
  /// Image, gamma, beta, mean, variance.
  public var operandCounts: ClosedRange<Int> { 5...5 }
  /// The epsilon.
  public var detail: String { "epsilon \(epsilon)" }

  /// The image's shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let channels = inputs[0].count == 2 ? inputs[0][1] : try inputs[0].image().channels
    return try perChannelShape(inputs, channels: channels)
  }

  /// Carries the batch of its image; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

/// `image * scale + shift`, one scale and shift a channel, then an activation.
///
/// Operands: image `[batch, channels, height, width]`, scale and shift `[channels]`.
public struct ChannelAffine: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "channelAffine"
  /// What is applied to the result.
  public let activation: Activation
  package init(activation: Activation) { self.activation = activation }

  /// Image, scale, shift.
  public var operandCounts: ClosedRange<Int> { 3...3 }
  /// The activation, if any.
  public var detail: String { activation == .identity ? "" : activation.rawValue }

  /// The image's shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    try perChannelShape(inputs, channels: inputs[0].image().channels)
  }

  /// Carries the batch of its image; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

private func perChannelShape(
  _ inputs: [Shape], channels: Int
) throws(ShapeProblem) -> Shape {
  for vector in inputs.dropFirst() {
    try vector.checkVector("the number of channels", channels)
  }
  return inputs[0]
}

extension GraphBuilder {
  /// Adds a batch normalisation with stored statistics.
  public mutating func batchNorm(
    _ image: Graph.Value, gamma: Graph.Value, beta: Graph.Value, mean: Graph.Value,
    variance: Graph.Value, epsilon: Float = 1e-5, label: String
  ) -> Graph.Value {
    add(
      .batchNorm(BatchNorm(epsilon: epsilon)), image, gamma, beta, mean, variance, label: label)
  }
}
