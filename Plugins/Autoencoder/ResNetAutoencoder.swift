import GraphIR
import ModelKit

/// Autoencoders whose encoder is a ResNet and whose decoder is its mirror image, as
/// `torchxrayvision.autoencoders` builds them (`ResNetAE50`, `ResNetAE101`).
///
/// The published weights come with Cohen et al., "Gifsplanation via Latent Shift", MIDL 2021. See
/// README.md beside this file.
public enum ResNetAutoencoder: Architecture {
  /// The name in manifests and native files.
  public static let id = "resnet-autoencoder"

  /// What the network gives.
  public static let endpoints = [
    Endpoint(
      "latent",
      "the encoder's map, [batch, 512, 3, 3] at 224 pixels (upstream's encode and features)"),
    Endpoint(
      Endpoint.reconstructionName,
      "the image as the decoder makes it of the latent, [batch, 1, height, width], not clipped "
        + "(upstream's out)"),
  ]

  /// What the published weights are trained at.
  public static let defaultResolution = 224

  /// One, a grey image.
  public static func inputChannels(_ configuration: Configuration) -> Int { 1 }

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    var network = Network(builder: builder, map: image)
    network.stem()
    let down: [(width: Int, stride: Size2D)] = [(64, 1), (128, 2), (256, 2), (128, 6)]
    for (index, (width, stride)) in down.enumerated() {
      network.encode(
        index + 1, blocks: configuration.blocks[index], width: width, stride: stride)
    }
    network.builder.endpoint("latent", network.map)
    let up: [(width: Int, stride: Size2D)] = [(128, 6), (64, 2), (32, 2), (16, 2)]
    for (index, (width, stride)) in up.enumerated() {
      network.decode(
        index + 1, blocks: configuration.blocks[3 - index], width: width, stride: stride)
    }
    network.top()
    builder = network.builder
  }
}

/// The parts of the network, each under the names of the published checkpoints; `map` is what they
/// have made so far.
private struct Network {
  var builder: GraphBuilder
  var map: Graph.Value
  private var channels = 1

  init(builder: GraphBuilder, map: Graph.Value) {
    self.builder = builder
    self.map = map
  }

  mutating func stem() {
    map = builder.convolution(
      "conv1", map, from: 1, to: 64, window: 7, WindowGeometry(stride: 2, padding: 3))
    map = normalized("bn1", map, channels: 64, isActivated: true)
    map = builder.pooling(
      .maximum, map, window: 3, WindowGeometry(stride: 2, padding: 1), label: "maxpool")
    channels = 64
  }

  /// A stage of ResNet's bottlenecks, of which the first may reduce the image.
  mutating func encode(_ stage: Int, blocks: Int, width: Int, stride: Size2D) {
    for block in 0..<blocks {
      let name = "layer\(stage).\(block)"
      let stride = block == 0 ? stride : 1
      let isReshaped = block == 0 && (stride != 1 || channels != 4 * width)
      let shortcut = map
      bottleneck(name, width: width, to: 4 * width) { builder, name, map in
        builder.convolution(
          name, map, from: width, to: width, window: 3,
          WindowGeometry(stride: stride, padding: 1))
      } shortcut: { [channels] builder in
        guard isReshaped else { return nil }
        return builder.convolution(
          name + ".downsample.0", shortcut, from: channels, to: 4 * width,
          WindowGeometry(stride: stride))
      }
    }
  }

  /// A stage of the decoder, whose last block enlarges the image and halves the channels.
  mutating func decode(_ stage: Int, blocks: Int, width: Int, stride: Size2D) {
    for block in 0..<blocks - 1 {
      bottleneck("uplayer\(stage).\(block)", width: width, to: 4 * width) { builder, name, map in
        builder.convolution(
          name, map, from: width, to: width, window: 3, WindowGeometry(padding: 1))
      } shortcut: { _ in
        nil
      }
    }
    enlarge("uplayer\(stage).\(blocks - 1)", width: width, to: 2 * width, stride: stride)
  }

  /// The last enlargement, and one number a pixel.
  ///
  /// Upstream asks its last layer, which keeps the size, for the size of the input: it fails where
  /// the decoder did not come back to it. Here that is checked wherever a model gives a
  /// reconstruction, outside the network.
  mutating func top() {
    enlarge("uplayer_top", width: 64, to: 64, stride: 2)
    map = builder.transposedConvolution("conv1_1", map, from: 64, to: 1, window: 1)
    builder.endpoint(Endpoint.reconstructionName, map)
  }

  private mutating func enlarge(_ name: String, width: Int, to output: Int, stride: Size2D) {
    let shortcut = map
    bottleneck(name, width: width, to: output) { builder, name, map in
      builder.transposedConvolution(
        name, map, from: width, to: width, window: 3,
        WindowGeometry(stride: stride, padding: 1), outputPadding: 1)
    } shortcut: { [channels] builder in
      builder.transposedConvolution(
        name + ".upsample.0", shortcut, from: channels, to: output, window: 1,
        WindowGeometry(stride: stride), outputPadding: 1)
    }
  }

  /// Three convolutions, the middle one given, beside a shortcut, which is the map itself where nil.
  private mutating func bottleneck(
    _ name: String, width: Int, to output: Int,
    middle: (inout GraphBuilder, String, Graph.Value) -> Graph.Value,
    shortcut: (inout GraphBuilder) -> Graph.Value?
  ) {
    var new = builder.convolution(name + ".conv1", map, from: channels, to: width)
    new = normalized(name + ".bn1", new, channels: width, isActivated: true)
    new = middle(&builder, name + ".conv2", new)
    new = normalized(name + ".bn2", new, channels: width, isActivated: true)
    new = builder.convolution(name + ".conv3", new, from: width, to: output)
    // A quirk kept for parity: a ReLU before the sum, and another behind it.
    new = normalized(name + ".bn3", new, channels: output, isActivated: true)
    var other = map
    if let reshaped = shortcut(&builder) {
      let part = name.hasPrefix("up") ? ".upsample.1" : ".downsample.1"
      other = normalized(name + part, reshaped, channels: output, isActivated: false)
    }
    let sum = builder.binary(.add, new, other, label: name + ".sum")
    map = builder.unary(.relu, sum, label: name + ".relu")
    channels = output
  }

  private mutating func normalized(
    _ name: String, _ image: Graph.Value, channels: Int, isActivated: Bool
  ) -> Graph.Value {
    let result = builder.batchNorm(name, image, channels: channels)
    return isActivated ? builder.unary(.relu, result, label: name + ".relu") : result
  }
}
