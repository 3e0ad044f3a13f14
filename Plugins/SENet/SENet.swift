import GraphIR
import ModelKit

/// Squeeze-and-excitation networks of the size of SENet-154 (Hu et al., "Squeeze-and-Excitation
/// Networks", CVPR 2018) with the head that fastai puts on them, as `riken.AgeModel` of
/// torchxrayvision loads one.
///
/// A bottleneck weighs each of its maps by a number between 0 and 1 that it computes from the means
/// of all. See README.md beside this file.
public enum SENet: Architecture {
  /// The name in manifests and native files.
  public static let id = "senet"

  /// What the network gives.
  public static let endpoints = [
    Endpoint(
      "age",
      "the outputs of the last linear layer, [batch, outputCount], for the published weights "
        + "an age in years", .prediction),
    Endpoint(
      Endpoint.featuresName,
      "what the last linear layer reads, behind the last batch norm, [batch, headFeatures]"),
  ]

  /// What the published network is trained at.
  public static let defaultResolution = 320

  /// How many channels the first convolution takes.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.inputChannels
  }

  /// As photographs, which the body was first trained on.
  public static func scaling(_ configuration: Configuration) -> InputScaling {
    configuration.inputChannels == 3 ? .imageNet : .none
  }

  /// A scripted module returns what its last linear layer gives.
  public static let scriptedEndpoint: String? = "age"

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    var network = Network(builder: builder, configuration: configuration)
    var map = network.stem(image)
    for stage in 1...configuration.blocks.count { map = network.stage(stage, map) }
    let features = network.features(map)
    builder = network.builder
    builder.endpoint(Endpoint.featuresName, features)
    builder.endpoint(
      "age",
      builder.linear(
        "head.fc2", features, from: configuration.headFeatures, to: configuration.outputCount))
  }
}

/// The parts of the network, each under the names of the published checkpoints.
private struct Network {
  var builder: GraphBuilder
  let configuration: SENet.Configuration
  /// The channels of the map that comes last.
  private var channels = 0

  init(builder: GraphBuilder, configuration: SENet.Configuration) {
    self.builder = builder
    self.configuration = configuration
  }

  mutating func stem(_ image: Graph.Value) -> Graph.Value {
    let (first, last) = (configuration.stemFeatures, configuration.initialFeatures)
    var map = image
    for (number, input, output) in [
      (1, configuration.inputChannels, first), (2, first, first), (3, first, last),
    ] {
      map = builder.convolution(
        "layer0.conv\(number)", map, from: input, to: output, window: 3,
        WindowGeometry(stride: number == 1 ? 2 : 1, padding: 1))
      map = norm("layer0.bn\(number)", map, output, isActivated: true)
    }
    channels = last
    // `ceil_mode`: a window of three that steps by two sticks out by at most a row and a column.
    return builder.pooling(
      .maximum, map, window: 3,
      WindowGeometry(stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1)),
      label: "layer0.pool")
  }

  mutating func stage(_ stage: Int, _ map: Graph.Value) -> Graph.Value {
    (0..<configuration.blocks[stage - 1]).reduce(map) { map, block in
      bottleneck(
        "layer\(stage).\(block)", map, width: configuration.width(ofStage: stage),
        stride: stage > 1 && block == 0 ? 2 : 1)
    }
  }

  private mutating func bottleneck(
    _ name: String, _ input: Graph.Value, width: Int, stride: Int
  ) -> Graph.Value {
    let (middle, output) = (2 * width, 4 * width)
    let step = Size2D(height: stride, width: stride)
    var map = builder.convolution(name + ".conv1", input, from: channels, to: middle)
    map = norm(name + ".bn1", map, middle, isActivated: true)
    map = builder.convolution(
      name + ".conv2", map, from: middle, to: output, window: 3,
      WindowGeometry(stride: step, padding: 1), groups: configuration.groups)
    map = norm(name + ".bn2", map, output, isActivated: true)
    map = builder.convolution(name + ".conv3", map, from: output, to: output)
    map = norm(name + ".bn3", map, output)
    map = excitation(name + ".se_module", map, output)
    var shortcut = input
    if stride != 1 || channels != output {
      let (window, padding): (Size2D, Size2D) = stride == 1 ? (1, 0) : (3, 1)
      shortcut = builder.convolution(
        name + ".downsample.0", input, from: channels, to: output, window: window,
        WindowGeometry(stride: step, padding: padding))
      shortcut = norm(name + ".downsample.1", shortcut, output)
    }
    channels = output
    let sum = builder.binary(.add, map, shortcut, label: name + ".sum")
    return builder.unary(.relu, sum, label: name + ".relu")
  }

  /// Weighs each map by what all of them say together.
  private mutating func excitation(
    _ name: String, _ map: Graph.Value, _ channels: Int
  ) -> Graph.Value {
    let squeezed = channels / configuration.reduction
    var weights = builder.reduction(.mean, map, axes: [2, 3], label: name + ".avg_pool")
    weights = builder.convolution(
      name + ".fc1", weights, from: channels, to: squeezed, hasBias: true)
    weights = builder.unary(.relu, weights, label: name + ".relu")
    weights = builder.convolution(
      name + ".fc2", weights, from: squeezed, to: channels, hasBias: true)
    weights = builder.unary(.sigmoid, weights, label: name + ".sigmoid")
    return builder.binary(.multiply, map, weights, label: name)
  }

  /// fastai's head but for its last layer; dropout does nothing once a network is trained.
  mutating func features(_ map: Graph.Value) -> Graph.Value {
    let pooled = builder.concatenation(
      [
        builder.reduction(.maximum, map, axes: [2, 3], label: "head.pool.maximum"),
        builder.reduction(.mean, map, axes: [2, 3], label: "head.pool.mean"),
      ], label: "head.pool")
    // The mean of one pixel: the axes of the image go, whatever the batch is.
    var features = builder.spatialMean(pooled, label: "head.flatten")
    features = builder.batchNorm("head.bn1", features, channels: 2 * channels)
    features = builder.linear(
      "head.fc1", features, from: 2 * channels, to: configuration.headFeatures)
    features = builder.unary(.relu, features, label: "head.relu")
    return builder.batchNorm("head.bn2", features, channels: configuration.headFeatures)
  }

  private mutating func norm(
    _ name: String, _ map: Graph.Value, _ channels: Int, isActivated: Bool = false
  ) -> Graph.Value {
    let normalised = builder.batchNorm(name, map, channels: channels)
    return isActivated ? builder.unary(.relu, normalised, label: name + ".relu") : normalised
  }
}
