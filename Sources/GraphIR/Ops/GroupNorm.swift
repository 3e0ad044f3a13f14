/// Normalisation of each image by its own statistics, group by group, as `torch.nn.GroupNorm`.
///
/// Operands: image `[batch, channels, height, width]`, gamma and beta, each `[channels]`. The
/// channels are split into groups of neighbours; each group of an image is brought to mean 0 and
/// variance 1 over all its pixels (the variance divided by their number, epsilon added to it), and
/// then multiplied and added to, channel by channel.
public struct GroupNorm: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "groupNorm"
  /// How many groups the channels are split into.
  public let groups: Int
  /// Added to the variance before its root is taken.
  public let epsilon: Float
  /// Whether the result goes through `x / (1 + exp(-x))`.
  public package(set) var isSilu = false

  init(groups: Int, epsilon: Float) {
    precondition(groups > 0)
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  /// Image, gamma, beta.
  public var operandCounts: ClosedRange<Int> { 3...3 }
  /// Groups, epsilon and what follows.
  public var detail: String { "groups \(groups) epsilon \(epsilon)" + (isSilu ? " silu" : "") }

  /// The image's shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (_, channels, size) = try inputs[0].image()
    guard channels % groups == 0 else { throw .groups(groups, "channels", channels) }
    for vector in inputs.dropFirst() {
      try vector.checkVector("the number of channels", channels)
    }
    guard size.height > 0, size.width > 0 else { throw .window(1, image: size) }
    return inputs[0]
  }

  /// Carries the batch of its image; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

extension GraphBuilder {
  /// Adds a normalisation by each image's own statistics.
  public mutating func groupNorm(
    _ image: Graph.Value, gamma: Graph.Value, beta: Graph.Value, groups: Int, epsilon: Float,
    label: String
  ) -> Graph.Value {
    add(.groupNorm(GroupNorm(groups: groups, epsilon: epsilon)), image, gamma, beta, label: label)
  }
}
