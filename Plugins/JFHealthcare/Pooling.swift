import GraphIR

/// The ways of upstream to make a vector `[batch, channels, 1, 1]` of a map.
struct GlobalPooling {
  let label: String
  /// The sharpness of the logarithm of the mean exponential.
  let gamma: Float

  /// Keeps a quotient finite; upstream's.
  private static let epsilon: Float = 1e-7
  private static let pixels: Set = [2, 3]

  /// Adds one of them; `scores` makes the head's logit at each pixel, `[batch, 1, height, width]`, and
  /// is called where the pool needs it.
  func apply(
    _ pool: JFHealthcare.Pool, to map: Graph.Value, in builder: inout GraphBuilder,
    scores: (inout GraphBuilder) -> Graph.Value
  ) -> Graph.Value {
    switch pool {
    case .average: return average(map, in: &builder)
    case .maximum: return maximum(map, in: &builder)
    case .averageAndMaximum:
      let parts = [average(map, in: &builder), maximum(map, in: &builder)]
      return builder.concatenation(parts, label: label)
    case .averageMaximumAndLSE:
      let parts = [
        average(map, in: &builder), maximum(map, in: &builder), logSumExp(map, in: &builder),
      ]
      return builder.concatenation(parts, label: label)
    case .logSumExp: return logSumExp(map, in: &builder)
    case .exponential:
      let powers = exponential(map, in: &builder)
      let total = nonzero(sum(powers, in: &builder), in: &builder)
      return weighted(map, powers, total, in: &builder)
    case .linear:
      let total = nonzero(sum(map, in: &builder), in: &builder)
      return weighted(map, map, total, in: &builder)
    case .classActivation:
      let probabilities = builder.unary(.sigmoid, scores(&builder), label: label + ".probability")
      return weighted(map, probabilities, sum(probabilities, in: &builder), in: &builder)
    }
  }

  private func average(_ map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    builder.reduction(.mean, map, axes: Self.pixels, label: label + ".average")
  }

  private func maximum(_ map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    builder.reduction(.maximum, map, axes: Self.pixels, label: label + ".maximum")
  }

  private func sum(_ map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    builder.reduction(.sum, map, axes: Self.pixels, label: label + ".sum")
  }

  private func nonzero(_ value: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    let epsilon = builder.constant(Self.epsilon, label: label + ".epsilon")
    return builder.binary(.add, value, epsilon, label: label + ".sum")
  }

  /// `exp(gamma (x - max))`, with gamma 1 where nil.
  private func exponential(
    _ map: Graph.Value, gamma: Graph.Value? = nil, in builder: inout GraphBuilder
  ) -> Graph.Value {
    let largest = maximum(map, in: &builder)
    var below = builder.binary(.subtract, map, largest, label: label + ".below")
    if let gamma { below = builder.binary(.multiply, gamma, below, label: label + ".sharpened") }
    return builder.unary(.exp, below, label: label + ".exponential")
  }

  private func logSumExp(_ map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    let sharpness = builder.constant(gamma, label: label + ".gamma")
    let powers = exponential(map, gamma: sharpness, in: &builder)
    let mean = average(powers, in: &builder)
    let logarithm = builder.unary(.log, mean, label: label + ".logarithm")
    let scaled = builder.binary(.divide, logarithm, sharpness, label: label + ".blunted")
    return builder.binary(.add, maximum(map, in: &builder), scaled, label: label + ".lse")
  }

  /// The sum of `map * weights / total` over all pixels.
  private func weighted(
    _ map: Graph.Value, _ weights: Graph.Value, _ total: Graph.Value,
    in builder: inout GraphBuilder
  ) -> Graph.Value {
    let parts = builder.binary(.divide, weights, total, label: label + ".weights")
    let products = builder.binary(.multiply, map, parts, label: label + ".weighted")
    return sum(products, in: &builder)
  }
}
