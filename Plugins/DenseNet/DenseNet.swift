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
    Endpoint("logits", "class scores before the sigmoid, [batch, classCount]"),
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
    try configuration.validate()
    var network = Network(builder: builder, configuration: configuration)
    var (map, channels) = network.stem(image)
    for block in 1...configuration.blocks.count {
      (map, channels) = network.denseBlock(block, map, channels: channels)
      if block < configuration.blocks.count {
        (map, channels) = network.transition(block, map, channels: channels)
      }
    }
    network.head(map, channels: channels)
    builder = network.builder
  }
}

/// The parts of the network, each under the names of the published checkpoints.
private struct Network {
  var builder: GraphBuilder
  let configuration: DenseNet.Configuration

  mutating func stem(_ image: Graph.Value) -> (Graph.Value, channels: Int) {
    let channels = configuration.initialFeatures
    let convolved = convolution(
      "features.conv0", image, from: configuration.inputChannels, to: channels, window: 7,
      WindowGeometry(stride: 2, padding: 3))
    let activated = normRelu("features.norm0", convolved, channels: channels)
    let pooled = builder.pooling(
      .maximum, activated, window: 3, WindowGeometry(stride: 2, padding: 1),
      label: "features.pool0")
    return (pooled, channels)
  }

  mutating func denseBlock(
    _ block: Int, _ map: Graph.Value, channels: Int
  ) -> (Graph.Value, channels: Int) {
    var (map, channels) = (map, channels)
    let growth = configuration.growthRate
    let bottleneck = configuration.bottleneckFactor * growth
    for layer in 1...configuration.blocks[block - 1] {
      let name = "features.denseblock\(block).denselayer\(layer)"
      var new = normRelu(name + ".norm1", map, channels: channels)
      new = convolution(name + ".conv1", new, from: channels, to: bottleneck, window: 1)
      new = normRelu(name + ".norm2", new, channels: bottleneck)
      new = convolution(
        name + ".conv2", new, from: bottleneck, to: growth, window: 3,
        WindowGeometry(padding: 1))
      map = builder.concatenation([map, new], label: name)
      channels += growth
    }
    return (map, channels)
  }

  mutating func transition(
    _ block: Int, _ map: Graph.Value, channels: Int
  ) -> (Graph.Value, channels: Int) {
    let name = "features.transition\(block)"
    let activated = normRelu(name + ".norm", map, channels: channels)
    let halved = convolution(
      name + ".conv", activated, from: channels, to: channels / 2, window: 1)
    let pooled = builder.pooling(
      .average, halved, window: 2, WindowGeometry(stride: 2), label: name + ".pool")
    return (pooled, channels / 2)
  }

  mutating func head(_ map: Graph.Value, channels: Int) {
    let featureMap = norm("features.norm5", map, channels: channels)
    let activated = builder.unary(.relu, featureMap, label: "relu")
    let features = builder.spatialMean(activated, label: "pool")
    let logits = builder.linear(
      features,
      weight: builder.parameter(
        "classifier.weight", [configuration.classCount, channels]),
      bias: builder.parameter("classifier.bias", [configuration.classCount]),
      label: "classifier")
    builder.endpoint("featureMap", featureMap)
    builder.endpoint("features", features)
    builder.endpoint("logits", logits)
  }

  private mutating func convolution(
    _ name: String, _ image: Graph.Value, from: Int, to: Int, window: Int,
    _ geometry: WindowGeometry = .init()
  ) -> Graph.Value {
    let weight = builder.parameter(name + ".weight", [to, from, window, window])
    return builder.convolution(image, weight: weight, geometry, label: name)
  }

  private mutating func norm(
    _ name: String, _ image: Graph.Value, channels: Int
  ) -> Graph.Value {
    builder.batchNorm(
      image, gamma: builder.parameter(name + ".weight", [channels]),
      beta: builder.parameter(name + ".bias", [channels]),
      mean: builder.parameter(name + ".running_mean", [channels]),
      variance: builder.parameter(name + ".running_var", [channels]), label: name)
  }

  private mutating func normRelu(
    _ name: String, _ image: Graph.Value, channels: Int
  ) -> Graph.Value {
    let normalised = norm(name, image, channels: channels)
    return builder.unary(.relu, normalised, label: name + ".relu")
  }
}
