import GraphIR
import ModelKit

extension SENet {
  /// What distinguishes one such network from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Channels of the input: 3 for networks first trained on photographs.
    public var inputChannels: Int
    /// Maps after the first and the second convolution.
    public var stemFeatures: Int
    /// Maps after the third convolution.
    public var initialFeatures: Int
    /// Half the maps inside a bottleneck of the first stage, a quarter of those it gives; each stage
    /// doubles them.
    public var baseFeatures: Int
    /// Bottlenecks in each stage.
    public var blocks: [Int]
    /// Parts of the 3x3 convolutions that do not see each other.
    public var groups: Int
    /// How many times fewer numbers there are inside squeeze-and-excitation than maps.
    public var reduction: Int
    /// Numbers between the two linear layers of the head.
    public var headFeatures: Int
    /// Outputs of the last linear layer.
    public var outputCount: Int

    /// Creates a configuration; the defaults are SENet-154 with one output, as published.
    public init(
      inputChannels: Int = 3, stemFeatures: Int = 64, initialFeatures: Int = 128,
      baseFeatures: Int = 64, blocks: [Int] = [3, 8, 36, 3], groups: Int = 64, reduction: Int = 16,
      headFeatures: Int = 512, outputCount: Int = 1
    ) {
      self.inputChannels = inputChannels
      self.stemFeatures = stemFeatures
      self.initialFeatures = initialFeatures
      self.baseFeatures = baseFeatures
      self.blocks = blocks
      self.groups = groups
      self.reduction = reduction
      self.headFeatures = headFeatures
      self.outputCount = outputCount
    }

    /// Half the maps inside the bottlenecks of a stage, counted from 1.
    func width(ofStage stage: Int) -> Int { baseFeatures << (stage - 1) }

    /// Bounds that no published network comes near; they keep a hostile file from asking for a graph
    /// of billions of nodes, and widths from growing beyond counting.
    private static let largestWidth = 65536
    private static let mostBlocks = 1024
    private static let mostStages = 8

    func validate() throws(ConfigurationError) {
      try ConfigurationError.check(
        [
          "inputChannels": inputChannels, "stemFeatures": stemFeatures,
          "initialFeatures": initialFeatures, "baseFeatures": baseFeatures, "groups": groups,
          "reduction": reduction, "headFeatures": headFeatures, "outputCount": outputCount,
        ], within: 1...Self.largestWidth)
      guard (1...Self.mostStages).contains(blocks.count),
        blocks.allSatisfy({ (1...Self.mostBlocks).contains($0) }),
        blocks.reduce(0, +) <= Self.mostBlocks
      else {
        throw ConfigurationError(
          field: "blocks", found: blocks,
          expected: "counts of 1 or more for at most \(Self.mostStages) stages, at most "
            + "\(Self.mostBlocks) together")
      }
      guard 2 * baseFeatures % groups == 0 else {
        throw ConfigurationError(
          field: "groups", found: groups, expected: "a divisor of \(2 * baseFeatures)")
      }
      guard reduction <= 4 * baseFeatures else {
        throw ConfigurationError(
          field: "reduction", found: reduction, expected: "\(4 * baseFeatures) or less")
      }
    }
  }

  /// Reads the configuration off canonical names and shapes.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    func shape(_ name: String, rank: Int) -> Shape? {
      guard let shape = tensors[name], shape.count == rank, shape.allSatisfy({ $0 > 0 }) else {
        return nil
      }
      return shape
    }
    guard let first = shape("layer0.conv1.weight", rank: 4),
      let third = shape("layer0.conv3.weight", rank: 4),
      let narrow = shape("layer1.0.conv1.weight", rank: 4),
      let grouped = shape("layer1.0.conv2.weight", rank: 4),
      let hidden = shape("head.fc1.weight", rank: 2),
      let output = shape("head.fc2.weight", rank: 2)
    else { return nil }
    let stages = tensors.count(from: 1) { "layer\($0).0.conv1.weight" }
    // Where the reduction divides no widths, the widest tells it best.
    guard let squeeze = shape("layer\(stages).0.se_module.fc1.weight", rank: 4) else { return nil }
    let blocks = (1..<1 + stages).map { stage in
      tensors.count { "layer\(stage).\($0).conv1.weight" }
    }
    return Configuration(
      inputChannels: first[1], stemFeatures: first[0], initialFeatures: third[0],
      baseFeatures: grouped[0] / 4, blocks: blocks, groups: narrow[0] / grouped[1],
      reduction: squeeze[1] / squeeze[0], headFeatures: hidden[0], outputCount: output[0])
  }

  /// Knows the names of fastai's learner, `0.1.0.conv1.weight` for the body's and `1.4.weight` for
  /// the head's, and those that the plugin itself uses.
  public static func role(ofKey key: String) -> KeyRole {
    // A training counter.
    if key.hasSuffix(".num_batches_tracked") { return .ignored }
    let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 2 else { return .unknown }
    let rest = parts[2...].joined(separator: ".")
    switch parts[0] {
    case "0" where isNumber(parts[1]): return .parameter("layer\(parts[1]).\(rest)")
    case "1":
      guard let layer = headLayers[parts[1]] else { return .unknown }
      return .parameter("head.\(layer).\(rest)")
    case "head": return .parameter(key)
    case let layer where layer.hasPrefix("layer") && isNumber(String(layer.dropFirst(5))):
      return .parameter(key)
    default: return .unknown
    }
  }

  /// fastai numbers the layers of its head, those without weights too.
  private static let headLayers = ["2": "bn1", "4": "fc1", "6": "bn2", "8": "fc2"]

  private static func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
