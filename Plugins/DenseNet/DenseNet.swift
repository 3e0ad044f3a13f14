import GraphIR
import ModelKit

/// Densely connected networks (Huang et al., "Densely Connected Convolutional Networks", CVPR
/// 2017), as `torchxrayvision.models.DenseNet` and torchvision build them.
///
/// Every layer reads all maps that its block has made so far and adds `growthRate` new ones;
/// transitions halve the number of maps and the image. See README.md beside this file.
public enum DenseNet: Architecture {
  /// The name in manifests and native files.
  public static let id = "densenet"

  /// What the network gives.
  public static let endpoints = [
    Endpoint("logits", "class scores before the sigmoid, [batch, classCount]", .prediction),
    Endpoint("features", "pooled feature vector, [batch, features] (upstream's features2)"),
    Endpoint(
      "featureMap",
      "map after the last batch norm, before its ReLU, [batch, features, height/32, width/32] "
        + "(upstream's features)"),
  ]

  /// What torchxrayvision's DenseNets are trained at.
  public static let defaultResolution = 224

  /// How many channels the first convolution takes.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.inputChannels
  }

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    let (featureMap, channels) = try backbone(configuration, on: image, in: &builder)
    let activated = builder.unary(.relu, featureMap, label: "relu")
    let features = builder.spatialMean(activated, label: "pool")
    builder.endpoint("featureMap", featureMap)
    builder.endpoint("features", features)
    builder.endpoint(
      "logits",
      builder.linear("classifier", features, from: channels, to: configuration.classCount))
  }

  /// Adds the layers before the head, for architectures that are built on a DenseNet.
  ///
  /// - Parameters:
  ///   - configuration: its `classCount` does not matter.
  ///   - prefix: stands before the layers' names, such as `backbone.`.
  ///   - image: `[batch, inputChannels, height, width]`.
  ///   - builder: gets the nodes.
  /// - Returns: the map behind the last batch norm, before its ReLU,
  ///   `[batch, channels, height/32, width/32]`, and its channels.
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func backbone(
    _ configuration: Configuration, prefix: String = "", on image: Graph.Value,
    in builder: inout GraphBuilder
  ) throws(ConfigurationError) -> (featureMap: Graph.Value, channels: Int) {
    try configuration.validate()
    // Moved in and out: a copy for each member of an ensemble would make its graph take a time that
    // grows with the square of its size.
    var network = Network(
      builder: GraphBuilder(), configuration: configuration, prefix: prefix + "features.")
    swap(&network.builder, &builder)
    var (map, channels) = network.stem(image)
    for block in 1...configuration.blocks.count {
      (map, channels) = network.denseBlock(block, map, channels: channels)
      if block < configuration.blocks.count {
        (map, channels) = network.transition(block, map, channels: channels)
      }
    }
    swap(&network.builder, &builder)
    return (builder.batchNorm(network.prefix + "norm5", map, channels: channels), channels)
  }
}

/// The parts of the network, each under the names of the published checkpoints.
private struct Network {
  var builder: GraphBuilder
  let configuration: DenseNet.Configuration
  let prefix: String

  mutating func stem(_ image: Graph.Value) -> (Graph.Value, channels: Int) {
    let channels = configuration.initialFeatures
    let convolved = builder.convolution(
      prefix + "conv0", image, from: configuration.inputChannels, to: channels, window: 7,
      WindowGeometry(stride: 2, padding: 3))
    let activated = normRelu(prefix + "norm0", convolved, channels: channels)
    let pooled = builder.pooling(
      .maximum, activated, window: 3, WindowGeometry(stride: 2, padding: 1),
      label: prefix + "pool0")
    return (pooled, channels)
  }

  mutating func denseBlock(
    _ block: Int, _ map: Graph.Value, channels: Int
  ) -> (Graph.Value, channels: Int) {
    var (map, channels) = (map, channels)
    let growth = configuration.growthRate
    let bottleneck = configuration.bottleneckFactor * growth
    for layer in 1...configuration.blocks[block - 1] {
      let name = prefix + "denseblock\(block).denselayer\(layer)"
      var new = normRelu(name + ".norm1", map, channels: channels)
      new = builder.convolution(name + ".conv1", new, from: channels, to: bottleneck)
      new = normRelu(name + ".norm2", new, channels: bottleneck)
      new = builder.convolution(
        name + ".conv2", new, from: bottleneck, to: growth, window: 3, WindowGeometry(padding: 1))
      map = builder.concatenation([map, new], label: name)
      channels += growth
    }
    return (map, channels)
  }

  mutating func transition(
    _ block: Int, _ map: Graph.Value, channels: Int
  ) -> (Graph.Value, channels: Int) {
    let name = prefix + "transition\(block)"
    let activated = normRelu(name + ".norm", map, channels: channels)
    let halved = builder.convolution(
      name + ".conv", activated, from: channels, to: channels / 2)
    let pooled = builder.pooling(
      .average, halved, window: 2, WindowGeometry(stride: 2), label: name + ".pool")
    return (pooled, channels / 2)
  }

  private mutating func normRelu(
    _ name: String, _ image: Graph.Value, channels: Int
  ) -> Graph.Value {
    let normalised = builder.batchNorm(name, image, channels: channels)
    return builder.unary(.relu, normalised, label: name + ".relu")
  }
}
