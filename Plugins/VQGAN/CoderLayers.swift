import GraphIR
import ModelKit

/// The layers that encoder and decoder share, behind their names' common prefix.
struct CoderLayers {
  var builder: GraphBuilder
  let prefix: String

  /// A 3×3 convolution that keeps the size.
  mutating func convolution(
    _ name: String, _ map: Graph.Value, from input: Int, to output: Int
  ) -> Graph.Value {
    builder.convolution(
      prefix + name, map, from: input, to: output, window: 3, WindowGeometry(padding: 1),
      hasBias: true)
  }

  /// A group norm, and perhaps `x / (1 + exp(-x))`.
  mutating func normalised(
    _ name: String, _ map: Graph.Value, channels: Int, isActivated: Bool
  ) -> Graph.Value {
    let name = prefix + name
    let norm = builder.groupNorm(
      map, gamma: builder.parameter(name + ".weight", [channels]),
      beta: builder.parameter(name + ".bias", [channels]), groups: VQGAN.groups, epsilon: 1e-6,
      label: name)
    return isActivated ? builder.unary(.silu, norm, label: name + ".silu") : norm
  }

  /// Two normalised convolutions beside a shortcut.
  mutating func block(
    _ name: String, _ map: Graph.Value, from input: Int, to output: Int
  ) -> Graph.Value {
    var new = normalised(name + ".norm1", map, channels: input, isActivated: true)
    new = convolution(name + ".conv1", new, from: input, to: output)
    new = normalised(name + ".norm2", new, channels: output, isActivated: true)
    new = convolution(name + ".conv2", new, from: output, to: output)
    let shortcut =
      input == output
      ? map
      : builder.convolution(
        prefix + name + ".nin_shortcut", map, from: input, to: output, hasBias: true)
    return builder.binary(.add, new, shortcut, label: prefix + name + ".sum")
  }

  /// A block, attention and a block.
  mutating func middle(_ map: Graph.Value, channels: Int) -> Graph.Value {
    var map = block("mid.block_1", map, from: channels, to: channels)
    map = attention("mid.attn_1", map, channels: channels)
    return block("mid.block_2", map, from: channels, to: channels)
  }

  /// What every pixel takes from all pixels, by how alike they are, added to the map.
  mutating func attention(_ name: String, _ map: Graph.Value, channels: Int) -> Graph.Value {
    let label = prefix + name
    let normalised = normalised(name + ".norm", map, channels: channels, isActivated: false)
    func pixels(_ part: String, _ builder: inout GraphBuilder) -> Graph.Value {
      let made = builder.convolution(
        label + "." + part, normalised, from: channels, to: channels, hasBias: true)
      return builder.joinedRows(made, label: label + "." + part + ".pixels")
    }
    let (q, k, v) = (pixels("q", &builder), pixels("k", &builder), pixels("v", &builder))
    // [batch, pixels, channels] by [batch, channels, pixels].
    let queries = builder.transpose(q, permutation: [0, 2, 1], label: label + ".queries")
    let products = builder.matrixProduct(queries, k, label: label + ".products")
    let factor = builder.constant(1 / Float(channels).squareRoot(), label: label + ".factor")
    let weights = softmax(
      builder.binary(.multiply, products, factor, label: label + ".scaled"), label: label)
    let values = builder.transpose(v, permutation: [0, 2, 1], label: label + ".values")
    let mixed = builder.matrixProduct(weights, values, label: label + ".mixed")
    let turned = builder.transpose(mixed, permutation: [0, 2, 1], label: label + ".turned")
    let result = builder.rows(of: turned, like: map, label: label + ".result")
    let projected = builder.convolution(
      label + ".proj_out", result, from: channels, to: channels, hasBias: true)
    return builder.binary(.add, projected, map, label: label + ".sum")
  }

  /// Along the last of three axes.
  private mutating func softmax(_ value: Graph.Value, label: String) -> Graph.Value {
    let largest = builder.reduction(.maximum, value, axes: [2], label: label + ".largest")
    let shifted = builder.binary(.subtract, value, largest, label: label + ".shifted")
    let powers = builder.unary(.exp, shifted, label: label + ".powers")
    let sum = builder.reduction(.sum, powers, axes: [2], label: label + ".sumOfPowers")
    return builder.binary(.divide, powers, sum, label: label + ".weights")
  }

  /// Half the size; upstream pads below and behind alone.
  mutating func halved(
    _ name: String, _ map: Graph.Value, channels: Int, hasConvolution: Bool
  ) -> Graph.Value {
    guard hasConvolution else {
      return builder.pooling(
        .average, map, window: 2, WindowGeometry(stride: 2), label: prefix + name)
    }
    return builder.convolution(
      prefix + name + ".conv", map, from: channels, to: channels, window: 3,
      WindowGeometry(stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1)),
      hasBias: true)
  }

  /// Double the size, each pixel four times.
  mutating func doubled(
    _ name: String, _ map: Graph.Value, channels: Int, hasConvolution: Bool
  ) -> Graph.Value {
    let larger = builder.resize(
      map, .nearest, to: .scale(height: 2, width: 2), label: prefix + name)
    return hasConvolution
      ? convolution(name + ".conv", larger, from: channels, to: channels) : larger
  }
}
