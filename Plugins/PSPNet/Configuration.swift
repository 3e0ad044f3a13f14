import GraphIR
import ModelKit

extension PSPNet {
  /// What distinguishes one PSPNet from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Blocks in each of the four stages.
    public var blocks: [Int]
    /// Labels, each with a map.
    public var classCount: Int

    /// Creates a configuration; the defaults are the network of ChestX-Det.
    public init(blocks: [Int] = [3, 4, 23, 3], classCount: Int = 14) {
      self.blocks = blocks
      self.classCount = classCount
    }

    /// Bounds that no published network comes near; they keep a hostile file from asking for a
    /// graph of billions of nodes.
    private static let mostClasses = 65536
    private static let mostBlocks = 1024
    private static let stageCount = 4

    func validate() throws(ConfigurationError) {
      try ConfigurationError.check(["classCount": classCount], within: 1...Self.mostClasses)
      guard blocks.count == Self.stageCount,
        blocks.allSatisfy({ (1...Self.mostBlocks).contains($0) }),
        blocks.reduce(0, +) <= Self.mostBlocks
      else {
        throw ConfigurationError(
          field: "blocks", found: blocks,
          expected: "\(Self.stageCount) block counts of 1 or more, at most \(Self.mostBlocks) "
            + "together")
      }
    }
  }

  /// Reads the configuration off canonical names and shapes.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    guard let classifier = tensors["classification.weight"], classifier.count == 4,
      tensors["pyramid_pooling.path_module_list.0.cbr_unit.0.weight"] != nil
    else { return nil }
    let blocks = (2...5).map { stage in
      tensors.count { "res_block\(stage).layers.\($0).cbr1.cbr_unit.0.weight" }
    }
    return blocks.contains(0) ? nil : Configuration(blocks: blocks, classCount: classifier[0])
  }

  /// The names of ptsemseg's module; DataParallel puts one more before them.
  public static func role(ofKey key: String) -> KeyRole {
    let wrapper = "module."
    let name = key.hasPrefix(wrapper) ? String(key.dropFirst(wrapper.count)) : key
    guard let part = name.split(separator: ".", maxSplits: 1).first, part.count < name.count else {
      return .unknown
    }
    switch part {
    // A second head that helps training along.
    case "convbnrelu4_aux", "aux_cls": return .ignored
    case "convbnrelu1_1", "convbnrelu1_2", "convbnrelu1_3", "res_block2", "res_block3",
      "res_block4", "res_block5", "pyramid_pooling", "cbr_final", "classification":
      return name.hasSuffix(".num_batches_tracked") ? .ignored : .parameter(name)
    default: return .unknown
    }
  }
}
