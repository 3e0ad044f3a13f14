/// A fully connected layer, as `torch.nn.Linear`: `features · weightᵀ + bias`.
///
/// Operands: features `[batch, inFeatures]`, weight `[outFeatures, inFeatures]`, bias
/// `[outFeatures]`.
public struct Linear: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "linear"
  /// Features, weight, bias.
  public var operandCounts: ClosedRange<Int> { 3...3 }

  /// `[batch, outFeatures]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    for (shape, rank) in zip(inputs, [2, 2, 1]) where shape.count != rank {
      throw .rank(shape, expected: rank)
    }
    guard inputs[0][1] == inputs[1][1] else {
      throw .extent(of: "the number of features", inputs[0][1], expected: inputs[1][1])
    }
    guard inputs[2][0] == inputs[1][0] else {
      throw .extent(of: "the length of the bias", inputs[2][0], expected: inputs[1][0])
    }
    return [inputs[0][0], inputs[1][0]]
  }

  /// Carries the batch of its features; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

extension GraphBuilder {
  /// Adds a fully connected layer.
  public mutating func linear(
    _ features: Graph.Value, weight: Graph.Value, bias: Graph.Value, label: String
  ) -> Graph.Value {
    add(.linear(Linear()), features, weight, bias, label: label)
  }
}
