import GraphIR
import ModelKit
import ResNetPlugin

extension AnatomyUNet {
  /// What distinguishes one network from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Blocks in each of the ResNet's four stages, which are bottlenecks of torchvision's width.
    public var blocks: [Int]
    /// Labels, each with a map.
    public var classCount: Int

    /// Creates a configuration; the defaults are CXAS's network.
    public init(blocks: [Int] = [3, 4, 6, 3], classCount: Int = 159) {
      self.blocks = blocks
      self.classCount = classCount
    }

    var backbone: ResNet.Configuration {
      ResNet.Configuration(inputChannels: 3, blocks: blocks)
    }

    /// A bound that no published network comes near.
    private static let mostClasses = 65536
    private static let stageCount = 4

    /// The numbers of blocks themselves are the backbone's to check.
    func validate() throws(ConfigurationError) {
      try ConfigurationError.check(["classCount": classCount], within: 1...Self.mostClasses)
      guard blocks.count == Self.stageCount else {
        throw ConfigurationError(
          field: "blocks", found: blocks,
          expected: "\(Self.stageCount) block counts")
      }
    }
  }

  /// Reads the configuration off canonical names and shapes.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    guard let classifier = tensors["head.out.conv.weight"], classifier.count == 4,
      let backbone = ResNet.recognizeBackbone(tensors, prefix: prefix)
    else { return nil }
    return Configuration(blocks: backbone.blocks, classCount: classifier[0])
  }

  /// What torchxrayvision takes off a name, once.
  private static let wrappers = ["module.", "model.", "net."]
  private static let heads = ["up1", "up2", "up3", "up4", "out"]

  /// Names as in CXAS's files, `backbone.…` and `head.…`, and as in torchxrayvision's module, which
  /// has one more `backbone.` before the former.
  ///
  /// The canonical name of a backbone's layer is torchvision's behind `backbone.`: `layer0.0` and
  /// `layer0.1` are `conv1` and `bn1`. What lies beside the layers of the network is passed over, as
  /// upstream does with `strict=False`; layers that the network does not have are not.
  public static func role(ofKey key: String) -> KeyRole {
    let wrapper = wrappers.first { key.hasPrefix($0) }
    var name = key.dropFirst(wrapper?.count ?? 0)
    let isBackbone = name.hasPrefix(prefix)
    while name.hasPrefix(prefix) { name = name.dropFirst(prefix.count) }
    let parts = name.split(separator: ".")
    guard parts.count > 1 else { return .ignored }
    if !isBackbone {
      guard parts[0] == "head", heads.contains(String(parts[1])) else { return .ignored }
      return ResNet.layerRole(String(name))
    }
    var layer = String(name)
    if parts[0] == "layer0" {
      guard let stem = ["0": "conv1", "1": "bn1"][parts[1]] else { return .ignored }
      layer = ([stem] + parts.dropFirst(2).map(String.init)).joined(separator: ".")
    } else if !["conv1", "bn1"].contains(parts[0]), !parts[0].hasPrefix("layer") {
      return .ignored
    }
    return ResNet.layerRole(prefix + layer)
  }
}
