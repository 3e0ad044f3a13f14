import Foundation
import GraphIR
import ModelKit

/// A small network of inverted residuals (Sandler et al., "MobileNetV2", CVPR 2018), to show what an
/// architecture outside of XRayZoo's repository looks like.
public enum TinyMobileNet: Architecture {
  /// What distinguishes one network from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Channels of the input.
    public var inputChannels: Int
    /// Maps behind the stem and behind each block; a block that changes their number halves the map.
    public var channels: [Int]
    /// Maps inside a block, as a multiple of those that go in.
    public var expansion: Int
    /// The length of the feature vector.
    public var featureCount: Int
    /// Outputs of the classifier.
    public var classCount: Int

    /// Creates a configuration.
    public init(
      inputChannels: Int, channels: [Int], expansion: Int, featureCount: Int, classCount: Int
    ) {
      self.inputChannels = inputChannels
      self.channels = channels
      self.expansion = expansion
      self.featureCount = featureCount
      self.classCount = classCount
    }
  }

  /// Outside of XRayZoo's repository with the author's name in front.
  public static let id = "example.tinymobile"

  /// What the network gives.
  public static let endpoints = [
    Endpoint("logits", "class scores, [batch, classCount]", .prediction),
    Endpoint("features", "pooled feature vector, [batch, featureCount]"),
    Endpoint("featureMap", "map before pooling, [batch, featureCount, height, width]"),
  ]

  /// What the weights were made for.
  public static let defaultResolution = 48

  /// The published weights: what to hand to `Zoo`.
  public static var manifest: URL {
    Bundle.module.bundleURL.appendingPathComponent("manifest.json")
  }

  /// How many channels the first convolution takes.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.inputChannels
  }

  /// From -1 to 1.
  public static func scaling(_ configuration: Configuration) -> InputScaling { .unit }

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    var network = Network(builder: builder)
    var count = configuration.channels[0]
    var map = network.layer(
      "stem", image, from: configuration.inputChannels, to: count, window: 3, stride: 2)
    for (number, output) in configuration.channels.dropFirst().enumerated() {
      map = network.block(
        "blocks.\(number)", map, from: count, to: output, expansion: configuration.expansion)
      count = output
    }
    map = network.layer("head", map, from: count, to: configuration.featureCount)
    builder = network.builder
    let features = builder.spatialMean(map, label: "pool")
    builder.endpoint("featureMap", map)
    builder.endpoint("features", features)
    builder.endpoint(
      "logits",
      builder.linear(
        "classifier", features, from: configuration.featureCount, to: configuration.classCount))
  }

  /// Knows its own names alone.
  public static func role(ofKey key: String) -> KeyRole {
    if key.hasSuffix(".num_batches_tracked") { return .ignored }
    let parts = ["stem.", "blocks.", "head.", "classifier."]
    return parts.contains(where: key.hasPrefix) ? .parameter(key) : .unknown
  }

  /// Reads the configuration off names and shapes.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    let blocks = tensors.count { "blocks.\($0).project.conv.weight" }
    guard let stem = tensors["stem.conv.weight"], stem.count == 4,
      let expand = tensors["blocks.0.expand.conv.weight"], expand.count == 4, expand[1] > 0,
      let head = tensors["head.conv.weight"], head.count == 4,
      let classifier = tensors["classifier.weight"], classifier.count == 2
    else { return nil }
    let outputs = (0..<blocks).compactMap { tensors["blocks.\($0).project.conv.weight"]?.first }
    return Configuration(
      inputChannels: stem[1], channels: [stem[0]] + outputs, expansion: expand[0] / expand[1],
      featureCount: head[0], classCount: classifier[0])
  }
}

extension TinyMobileNet.Configuration {
  /// Files may say anything.
  fileprivate func validate() throws(ConfigurationError) {
    let widths = [inputChannels, expansion, featureCount, classCount] + channels
    guard (1...64).contains(channels.count), widths.allSatisfy({ (1...4096).contains($0) }) else {
      throw ConfigurationError(
        field: "widths", found: "\(widths.prefix(16))",
        expected: "from 1 to 4096, at most 64 blocks")
    }
  }
}

private struct Network {
  var builder: GraphBuilder

  /// Convolution, batch norm and ReLU6.
  mutating func layer(
    _ name: String, _ image: Graph.Value, from input: Int, to output: Int, window: Size2D = 1,
    stride: Int = 1, groups: Int = 1, isActivated: Bool = true
  ) -> Graph.Value {
    var map = builder.convolution(
      name + ".conv", image, from: input, to: output, window: window,
      WindowGeometry(
        stride: Size2D(height: stride, width: stride),
        padding: Size2D(height: window.height / 2, width: window.width / 2)), groups: groups)
    map = builder.batchNorm(name + ".norm", map, channels: output)
    guard isActivated else { return map }
    let six = builder.constant(6, label: name + ".six")
    map = builder.unary(.relu, map, label: name + ".relu")
    return builder.binary(.minimum, map, six, label: name + ".relu6")
  }

  /// More maps, a convolution within each, and fewer again.
  mutating func block(
    _ name: String, _ image: Graph.Value, from input: Int, to output: Int, expansion: Int
  ) -> Graph.Value {
    let inner = input * expansion
    var map = layer(name + ".expand", image, from: input, to: inner)
    map = layer(
      name + ".depthwise", map, from: inner, to: inner, window: 3, stride: input == output ? 1 : 2,
      groups: inner)
    map = layer(name + ".project", map, from: inner, to: output, isActivated: false)
    return input == output ? builder.binary(.add, map, image, label: name + ".sum") : map
  }
}
