import GraphIR
import ModelKit

extension DenseNet {
  /// What distinguishes one DenseNet from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Channels of the input: 1 for X-ray models, 3 for networks trained on colour images.
    public var inputChannels: Int
    /// Maps after the first convolution.
    public var initialFeatures: Int
    /// Maps that each layer adds.
    public var growthRate: Int
    /// Layers in each dense block.
    public var blocks: [Int]
    /// Maps inside a layer, as a multiple of the growth rate (upstream's `bn_size`).
    public var bottleneckFactor: Int
    /// Outputs of the classifier.
    public var classCount: Int

    /// Creates a configuration; the defaults are DenseNet-121 as torchxrayvision uses it.
    public init(
      inputChannels: Int = 1, initialFeatures: Int = 64, growthRate: Int = 32,
      blocks: [Int] = [6, 12, 24, 16], bottleneckFactor: Int = 4, classCount: Int = 18
    ) {
      self.inputChannels = inputChannels
      self.initialFeatures = initialFeatures
      self.growthRate = growthRate
      self.blocks = blocks
      self.bottleneckFactor = bottleneckFactor
      self.classCount = classCount
    }

    /// Bounds that no published network comes near; they keep a hostile file from asking for a
    /// graph of billions of nodes.
    private static let largestWidth = 65536
    private static let mostLayers = 1024

    func validate() throws(ConfigurationError) {
      try ConfigurationError.check(
        [
          "inputChannels": inputChannels, "initialFeatures": initialFeatures,
          "growthRate": growthRate, "bottleneckFactor": bottleneckFactor,
          "classCount": classCount,
        ], within: 1...Self.largestWidth)
      guard !blocks.isEmpty, blocks.allSatisfy({ (1...Self.mostLayers).contains($0) }),
        blocks.reduce(0, +) <= Self.mostLayers
      else {
        throw ConfigurationError(
          field: "blocks", found: blocks,
          expected: "layer counts of 1 or more, at most \(Self.mostLayers) together")
      }
    }
  }

  /// Reads the configuration off canonical names and shapes.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    guard let classifier = tensors["classifier.weight"], classifier.count == 2,
      var configuration = recognizeBackbone(tensors)
    else { return nil }
    configuration.classCount = classifier[0]
    return configuration
  }

  /// The same for the layers before the head; `classCount` says nothing.
  ///
  /// - Parameters:
  ///   - tensors: by canonical names.
  ///   - prefix: stands before the layers' names, as for `backbone`.
  /// - Returns: nil where they are no DenseNet's.
  public static func recognizeBackbone(
    _ tensors: [String: Shape], prefix: String = ""
  ) -> Configuration? {
    let prefix = prefix + "features."
    guard let stem = tensors[prefix + "conv0.weight"], stem.count == 4,
      let bottleneck = tensors[prefix + "denseblock1.denselayer1.conv1.weight"],
      let growth = tensors[prefix + "denseblock1.denselayer1.conv2.weight"],
      bottleneck.count == 4, growth.count == 4, growth[0] > 0
    else { return nil }
    let blocks = layerCounts(tensors.keys, prefix: prefix)
    guard !blocks.isEmpty else { return nil }
    return Configuration(
      inputChannels: stem[1], initialFeatures: stem[0], growthRate: growth[0], blocks: blocks,
      bottleneckFactor: bottleneck[0] / growth[0])
  }

  /// The highest layer number of each block, as far as blocks are numbered without a gap.
  private static func layerCounts(_ names: some Sequence<String>, prefix: String) -> [Int] {
    var highest = [Int: Int]()
    for name in names where name.hasPrefix(prefix) {
      let parts = name.dropFirst(prefix.count).split(separator: ".", maxSplits: 2)
      guard parts.count > 2, let block = number(parts[0], after: "denseblock"),
        let layer = number(parts[1], after: "denselayer")
      else { continue }
      highest[block] = max(highest[block] ?? 0, layer)
    }
    var counts = [Int]()
    while let count = highest[counts.count + 1] { counts.append(count) }
    return counts
  }

  private static func number(_ text: Substring, after prefix: String) -> Int? {
    text.hasPrefix(prefix) ? Int(text.dropFirst(prefix.count)) : nil
  }

  /// Knows the names of torchxrayvision and torchvision, and those of torchvision before 0.4,
  /// which wrote `denselayer1.norm.1.weight` for today's `denselayer1.norm1.weight`.
  public static func role(ofKey key: String) -> KeyRole {
    if key == "op_threshs" { return .operatingPoints }
    guard key.hasPrefix("features.") || key.hasPrefix("classifier.") else { return .unknown }
    // A training counter; absent from files older than PyTorch 0.4.1.
    if key.hasSuffix(".num_batches_tracked") { return .ignored }
    var parts = key.split(separator: ".")
    if parts.count == 6, parts[2].hasPrefix("denselayer"),
      ["norm", "relu", "conv"].contains(parts[3]), ["1", "2"].contains(parts[4])
    {
      parts[3] += parts.remove(at: 4)
      return .parameter(parts.joined(separator: "."))
    }
    return .parameter(key)
  }
}
