import DenseNetPlugin
import GraphIR
import ModelKit

extension JFHealthcare {
  /// Reads the configuration off canonical names and shapes.
  ///
  /// How heads pool shows in their width alone: one number a map fits many pools, and is taken for
  /// the published one, which it then differs from in shape, rather than for a guess.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    guard let backbone = DenseNet.recognizeBackbone(tensors, prefix: backboneName),
      let channels = tensors[backboneName + "features.norm5.weight"]?.first, channels > 0
    else { return nil }
    let heads = tensors.count { "fc_\($0).weight" }
    let weights = (0..<heads).compactMap { tensors["fc_\($0).weight"] }
    guard heads > 0, weights.allSatisfy({ $0.count == 4 }) else { return nil }
    return Configuration(
      inputChannels: backbone.inputChannels, initialFeatures: backbone.initialFeatures,
      growthRate: backbone.growthRate, blocks: backbone.blocks,
      bottleneckFactor: backbone.bottleneckFactor, headClasses: weights.map { $0[0] },
      pool: weights[0][1] / channels == 3 ? .averageMaximumAndLSE : .averageAndMaximum)
  }

  /// Knows upstream's names, in the backbone also those of older DenseNets.
  public static func role(ofKey key: String) -> KeyRole {
    if key.hasPrefix(backboneName) {
      let name = String(key.dropFirst(backboneName.count))
      // Made with the backbone and never used.
      if name.hasPrefix("classifier.") { return .ignored }
      switch DenseNet.role(ofKey: name) {
      case .parameter(let name): return .parameter(backboneName + name)
      case .ignored: return .ignored
      default: return .unknown
      }
    }
    guard ["fc_", "bn_", attentionName].contains(where: key.hasPrefix) else { return .unknown }
    return key.hasSuffix(".num_batches_tracked") ? .ignored : .parameter(key)
  }

  /// Upstream's modules are there whether they are configured or not.
  public static func ignores(_ parameter: String, in configuration: Configuration) -> Bool {
    if parameter.hasPrefix("bn_") { return !configuration.normalizesHeads }
    let used: String? =
      switch configuration.attention {
      case .none: nil
      case .channel: "channel_attention."
      case .pyramid: "pyramid_attention."
      }
    return ["channel_attention.", "spatial_attention.", "pyramid_attention."].contains {
      $0 != used && parameter.hasPrefix(attentionName + $0)
    }
  }
}
