import DenseNetPlugin
import GraphIR
import ModelKit

/// JF Healthcare's CheXpert networks (Ye et al., "Weakly Supervised Lesion Localization With
/// Probabilistic-CAM Pooling", 2020), as `torchxrayvision.baseline_models.jfhealthcare` has them: a
/// DenseNet's map, and for each finding attention, pooling and a linear head.
///
/// See README.md beside this file.
public enum JFHealthcare: Architecture {
  /// The name in manifests and native files.
  public static let id = "jfhealthcare"

  /// What the network gives.
  public static let endpoints = [
    Endpoint("logits", "class scores before the sigmoid, [batch, classes]", .prediction),
    Endpoint(
      "features", "means of the backbone's map after its ReLU, before any attention, [batch, 1024]"),
  ]

  /// What the published network is trained at.
  public static let defaultResolution = 512

  /// How many channels the first convolution takes.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.inputChannels
  }

  /// Upstream's `x / 512`.
  public static func scaling(_ configuration: Configuration) -> InputScaling { .twoUnits }

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    let (featureMap, channels) = try DenseNet.backbone(
      configuration.backbone, prefix: backboneName, on: image, in: &builder)
    var map = builder.unary(.relu, featureMap, label: backboneName + "relu")
    builder.endpoint("features", builder.spatialMean(map, label: "features"))

    let attention: any MapModule =
      switch configuration.attention {
      case .none: Unchanged()
      case .channel:
        ChannelAttention(attentionName + "channel_attention", channels: channels, in: &builder)
      case .pyramid:
        PyramidAttention(attentionName + "pyramid_attention", channels: channels, in: &builder)
      }
    var logits = [Graph.Value]()
    for (index, classes) in configuration.headClasses.enumerated() {
      // Quirk of upstream: each head sees the attention of the head before it, attended again.
      map = attention.apply(to: map, in: &builder)
      let head = Head(index, classes: classes, channels: channels, configuration, in: &builder)
      logits.append(head.logits(map, in: &builder))
    }
    let all = builder.concatenation(logits, label: "logits")
    builder.endpoint("logits", builder.spatialMean(all, label: "logits"))
  }

  static let backboneName = "backbone."
  static let attentionName = "attention_map."
}

/// A finding's own layers.
private struct Head {
  let name: String
  let channels: Int
  let configuration: JFHealthcare.Configuration
  // Used on the map and on the vector by some pools, hence declared once.
  let weight: Graph.Value
  let bias: Graph.Value
  let index: Int

  init(
    _ index: Int, classes: Int, channels: Int, _ configuration: JFHealthcare.Configuration,
    in builder: inout GraphBuilder
  ) {
    self.index = index
    self.configuration = configuration
    self.channels = channels * configuration.pool.width
    name = "fc_\(index)"
    weight = builder.parameter(name + ".weight", [classes, self.channels, 1, 1])
    bias = builder.parameter(name + ".bias", [classes])
  }

  /// `[batch, classes, 1, 1]`.
  func logits(_ map: Graph.Value, in builder: inout GraphBuilder) -> Graph.Value {
    let pooling = GlobalPooling(label: name + ".pool", gamma: configuration.lseGamma)
    var vector = pooling.apply(configuration.pool, to: map, in: &builder) { builder in
      builder.convolution(map, weight: weight, bias: bias, label: name + ".map")
    }
    if configuration.normalizesHeads {
      vector = builder.batchNorm("bn_\(index)", vector, channels: channels)
    }
    return builder.convolution(vector, weight: weight, bias: bias, label: name)
  }
}
