import GraphIR
import ModelKit

/// Residual networks (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016), as
/// torchvision builds them and torchxrayvision uses them.
///
/// Each block adds what its convolutions make of a map to that map; the first block of every stage
/// but the first halves the image and doubles the channels. See README.md beside this file.
public enum ResNet: Architecture {
  /// The name in manifests and native files.
  public static let id = "resnet"

  /// What the network gives.
  public static let endpoints = [
    Endpoint(
      "logits",
      "class scores, [batch, classCount]: before any activation, or log probabilities where the "
        + "network's own head makes these",
      .prediction),
    Endpoint("features", "mean of the map over all pixels, [batch, channels]"),
    Endpoint(
      "featureMap", "map after the last block, [batch, channels, height/32, width/32]"),
  ]

  /// What torchvision's weights are trained at.
  public static let defaultResolution = 224

  /// How many channels the first convolution takes.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.inputChannels
  }

  /// ImageNet's for colour; torchxrayvision's networks of one channel take the pixels as they are.
  public static func scaling(_ configuration: Configuration) -> InputScaling {
    configuration.inputChannels == 3 ? .imageNet : .none
  }

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    guard let last = try stages(configuration, on: image, in: &builder).last else { return }
    let features = builder.spatialMean(last.map, label: "avgpool")
    builder.endpoint("featureMap", last.map)
    builder.endpoint("features", features)
    var logits = builder.classifier(configuration, features, from: last.channels)
    if configuration.hasLogSoftmax { logits = builder.logSoftmax(logits, label: "fc.1") }
    builder.endpoint("logits", logits)
  }

  /// Adds the layers before the head, for architectures that are built on a ResNet.
  ///
  /// - Parameters:
  ///   - configuration: what concerns the classifier does not matter.
  ///   - prefix: stands before the layers' names, such as `backbone.`.
  ///   - image: `[batch, inputChannels, height, width]`.
  ///   - builder: gets the nodes.
  /// - Returns: the map behind the stem and its maximum pooling, then that of each stage, with their
  ///   channels. The first two have a quarter of the image's height and width, each further one half
  ///   of the one before, rounded up.
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func stages(
    _ configuration: Configuration, prefix: String = "", on image: Graph.Value,
    in builder: inout GraphBuilder
  ) throws(ConfigurationError) -> [(map: Graph.Value, channels: Int)] {
    try configuration.validate()
    var network = Network(builder: builder, configuration: configuration, prefix: prefix)
    var stages = [(map: network.stem(image), channels: configuration.width)]
    for stage in configuration.blocks.indices {
      let before = stages[stage]
      stages.append(network.stage(stage, before.map, channels: before.channels))
    }
    builder = network.builder
    return stages
  }
}

/// The parts of the network, each under torchvision's names.
private struct Network {
  var builder: GraphBuilder
  let configuration: ResNet.Configuration
  let prefix: String

  mutating func stem(_ image: Graph.Value) -> Graph.Value {
    let channels = configuration.width
    let map = normRelu(
      prefix + "bn1",
      builder.convolution(
        prefix + "conv1", image, from: configuration.inputChannels, to: channels, window: 7,
        WindowGeometry(stride: 2, padding: 3)),
      channels: channels)
    return builder.pooling(
      .maximum, map, window: 3, WindowGeometry(stride: 2, padding: 1), label: prefix + "maxpool")
  }

  /// The blocks of a stage, which is counted from 0.
  mutating func stage(
    _ stage: Int, _ map: Graph.Value, channels: Int
  ) -> (map: Graph.Value, channels: Int) {
    let widths = configuration.widths(ofStage: stage)
    var (map, channels) = (map, channels)
    for block in 0..<configuration.blocks[stage] {
      map = self.block(
        prefix + "layer\(stage + 1).\(block)", map, from: channels, inner: widths.inner,
        to: widths.outer, stride: stage > 0 && block == 0 ? 2 : 1)
      channels = widths.outer
    }
    return (map, channels)
  }

  private mutating func block(
    _ name: String, _ image: Graph.Value, from input: Int, inner: Int, to output: Int,
    stride: Size2D
  ) -> Graph.Value {
    let first = WindowGeometry(stride: stride, padding: 1)
    var map: Graph.Value
    if configuration.isBottleneck {
      map = builder.convolution(name + ".conv1", image, from: input, to: inner)
      map = normRelu(name + ".bn1", map, channels: inner)
      map = builder.convolution(name + ".conv2", map, from: inner, to: inner, window: 3, first)
      map = normRelu(name + ".bn2", map, channels: inner)
      map = builder.convolution(name + ".conv3", map, from: inner, to: output)
      map = builder.batchNorm(name + ".bn3", map, channels: output)
    } else {
      map = builder.convolution(name + ".conv1", image, from: input, to: inner, window: 3, first)
      map = normRelu(name + ".bn1", map, channels: inner)
      map = builder.convolution(
        name + ".conv2", map, from: inner, to: output, window: 3, WindowGeometry(padding: 1))
      map = builder.batchNorm(name + ".bn2", map, channels: output)
    }
    var shortcut = image
    if input != output || stride != 1 {
      shortcut = builder.convolution(
        name + ".downsample.0", image, from: input, to: output, WindowGeometry(stride: stride))
      shortcut = builder.batchNorm(name + ".downsample.1", shortcut, channels: output)
    }
    let sum = builder.binary(.add, map, shortcut, label: name + ".add")
    return builder.unary(.relu, sum, label: name + ".relu")
  }

  private mutating func normRelu(
    _ name: String, _ image: Graph.Value, channels: Int
  ) -> Graph.Value {
    let normalised = builder.batchNorm(name, image, channels: channels)
    return builder.unary(.relu, normalised, label: name + ".relu")
  }
}

extension GraphBuilder {
  /// The linear layer; of its rows, those that count.
  fileprivate mutating func classifier(
    _ configuration: ResNet.Configuration, _ features: Graph.Value, from channels: Int
  ) -> Graph.Value {
    let name = configuration.classifierName
    let (count, rows) = (configuration.classCount, configuration.classifierRows)
    guard rows > count else { return linear(name, features, from: channels, to: count) }
    // Rows are cut off the weights and not scores off the result: done once, whatever the batch.
    let weight = slice(
      parameter(name + ".weight", [rows, channels]), starts: [0, 0], extents: [count, channels],
      steps: [1, 1], label: name + ".weight.first")
    let bias = slice(
      parameter(name + ".bias", [rows]), starts: [0], extents: [count], steps: [1],
      label: name + ".bias.first")
    return linear(features, weight: weight, bias: bias, label: name)
  }

  /// `torch.nn.LogSoftmax` over the classes of `[batch, classes]`.
  fileprivate mutating func logSoftmax(_ scores: Graph.Value, label: String) -> Graph.Value {
    let largest = reduction(.maximum, scores, axes: [1], label: label + ".largest")
    let shifted = binary(.subtract, scores, largest, label: label + ".shifted")
    let powers = unary(.exp, shifted, label: label + ".exp")
    let sum = reduction(.sum, powers, axes: [1], label: label + ".sum")
    return binary(
      .subtract, shifted, unary(.log, sum, label: label + ".log"), label: label)
  }
}
