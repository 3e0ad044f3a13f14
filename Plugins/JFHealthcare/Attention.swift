import GraphIR
import ModelKit

/// Layers that are applied to a map several times; their parameters are declared once.
protocol MapModule {
  func apply(to map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value
}

/// No attention.
struct Unchanged: MapModule {
  func apply(to map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value { map }
}

/// Squeeze and excitation (upstream's `CAModule`): each channel times a number that follows from the
/// means of all.
struct ChannelAttention: MapModule {
  private let name: String
  private let squeeze: (weight: Graph.Value, bias: Graph.Value)
  private let excitation: (weight: Graph.Value, bias: Graph.Value)

  /// Upstream's `reduc_ratio`.
  private static let reduction = 2

  init(_ name: String, channels: Int, in builder: inout GraphBuilder) {
    self.name = name
    let inner = channels / Self.reduction
    squeeze = Self.linear(name + ".fc1", from: channels, to: inner, in: &builder)
    excitation = Self.linear(name + ".fc2", from: inner, to: channels, in: &builder)
  }

  /// A linear layer's parameters, the weight as that of a pointwise convolution.
  private static func linear(
    _ name: String, from input: Int, to output: Int, in builder: inout GraphBuilder
  ) -> (weight: Graph.Value, bias: Graph.Value) {
    let weight = builder.parameter(name + ".weight", [output, input])
    return (
      builder.reshape(weight, to: [output, input, 1, 1], label: name + ".weight"),
      builder.parameter(name + ".bias", [output])
    )
  }

  func apply(to map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    let means = builder.reduction(.mean, map, axes: [2, 3], label: name + ".means")
    var vector = builder.convolution(
      means, weight: squeeze.weight, bias: squeeze.bias, label: name + ".fc1")
    vector = builder.unary(.relu, vector, label: name + ".relu")
    vector = builder.convolution(
      vector, weight: excitation.weight, bias: excitation.bias, label: name + ".fc2")
    vector = builder.unary(.sigmoid, vector, label: name + ".sigmoid")
    return builder.binary(.multiply, map, vector, label: name)
  }
}

/// Feature pyramid attention (Li et al., "Pyramid Attention Network for Semantic Segmentation",
/// 2018; upstream's `FPAModule`): a map times weights that three coarser scales agree on, plus what
/// follows from the means.
struct PyramidAttention: MapModule {
  private let name: String
  private let means: ConvolutionNormRelu
  private let middle: ConvolutionNormRelu
  private let down: [ConvolutionNormRelu]
  private let scales: [ConvolutionNormRelu]

  /// The windows of the three scales.
  private static let windows = [7, 5, 3]

  init(_ name: String, channels: Int, in builder: inout GraphBuilder) {
    self.name = name
    means = ConvolutionNormRelu(
      name + ".gap_branch.1", from: channels, to: channels, in: &builder)
    middle = ConvolutionNormRelu(name + ".mid_branch", from: channels, to: channels, in: &builder)
    var (down, scales) = ([ConvolutionNormRelu](), [ConvolutionNormRelu]())
    for (index, window) in Self.windows.enumerated() {
      down.append(
        ConvolutionNormRelu(
          name + ".downsample\(index + 1)", from: index == 0 ? channels : 1, to: 1, window: window,
          stride: 2, in: &builder))
      scales.append(
        ConvolutionNormRelu(
          name + ".scale\(index + 1)", from: 1, to: 1, window: window, in: &builder))
    }
    (self.down, self.scales) = (down, scales)
  }

  func apply(to map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    let mean = builder.reduction(.mean, map, axes: [2, 3], label: name + ".gap_branch.0")
    // One pixel, which upstream enlarges to the map's size.
    let offset = means.apply(to: mean, in: &builder)
    let middle = middle.apply(to: map, in: &builder)

    var coarse = [Graph.Value]()
    for layer in down { coarse.append(layer.apply(to: coarse.last ?? map, in: &builder)) }
    var weights: Graph.Value?
    for index in coarse.indices.reversed() {
      var scale = scales[index].apply(to: coarse[index], in: &builder)
      if let weights {
        scale = builder.binary(.add, scale, weights, label: name + ".sum\(index + 1)")
      }
      // Quirk: to fractions of the map's size rounded down, where the strided convolutions round up.
      // Upstream thus takes maps alone whose sides are multiples of 4, or 6.
      weights = builder.resize(
        scale, .bilinear(alignsCorners: false), like: map, divisor: 1 << index,
        label: name + ".upsample\(index + 1)")
    }
    guard let weights else { return map }
    let weighted = builder.binary(.multiply, weights, middle, label: name + ".weighted")
    return builder.binary(.add, weighted, offset, label: name)
  }
}

/// A convolution with bias, a batch norm and a ReLU, under upstream's names.
struct ConvolutionNormRelu {
  private let name: String
  private let weight: Graph.Value
  private let bias: Graph.Value
  private let norm: [Graph.Value]
  private let geometry: WindowGeometry

  init(
    _ name: String, from input: Int, to output: Int, window: Int = 1, stride: Int = 1,
    in builder: inout GraphBuilder
  ) {
    self.name = name
    weight = builder.parameter(name + ".conv.0.weight", [output, input, window, window])
    bias = builder.parameter(name + ".conv.0.bias", [output])
    norm = ["weight", "bias", "running_mean", "running_var"].map {
      builder.parameter("\(name).conv.1.\($0)", [output])
    }
    geometry = WindowGeometry(
      stride: Size2D(height: stride, width: stride),
      padding: Size2D(height: window / 2, width: window / 2))
  }

  func apply(to map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    let convolved = builder.convolution(
      map, weight: weight, bias: bias, geometry, label: name + ".conv.0")
    let normalised = builder.batchNorm(
      convolved, gamma: norm[0], beta: norm[1], mean: norm[2], variance: norm[3],
      label: name + ".conv.1")
    return builder.unary(.relu, normalised, label: name + ".conv.2")
  }
}
