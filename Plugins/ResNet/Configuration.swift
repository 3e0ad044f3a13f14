import GraphIR
import ModelKit

extension ResNet {
  /// What distinguishes one ResNet from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Channels of the input: 3 for colour images, 1 for torchxrayvision's `resnet50-res512-all`.
    public var inputChannels: Int
    /// Whether a block is 1x1, 3x3 and 1x1 convolutions, with four times the channels behind them
    /// (50 layers and more), or two of 3x3.
    public var isBottleneck: Bool
    /// Blocks in each stage.
    public var blocks: [Int]
    /// Channels behind the stem; the stages multiply them by powers of 2.
    public var width: Int
    /// Channels between the convolutions of the first stage's blocks; more than `width` in wide
    /// ResNets.
    public var innerWidth: Int
    /// Outputs.
    public var classCount: Int
    /// Rows of the classifier, where only the first `classCount` of them count.
    public var classifierOutputs: Int?
    /// Whether the head ends in a logarithm of the softmax (its layers are `fc.0` and `fc.1`).
    public var hasLogSoftmax: Bool

    /// Creates a configuration; the defaults are torchxrayvision's ResNet-50.
    public init(
      inputChannels: Int = 1, isBottleneck: Bool = true, blocks: [Int] = [3, 4, 6, 3],
      width: Int = 64, innerWidth: Int = 64, classCount: Int = 18, classifierOutputs: Int? = nil,
      hasLogSoftmax: Bool = false
    ) {
      self.inputChannels = inputChannels
      self.isBottleneck = isBottleneck
      self.blocks = blocks
      self.width = width
      self.innerWidth = innerWidth
      self.classCount = classCount
      self.classifierOutputs = classifierOutputs
      self.hasLogSoftmax = hasLogSoftmax
    }

    var classifierName: String { hasLogSoftmax ? "fc.0" : "fc" }
    var classifierRows: Int { classifierOutputs ?? classCount }

    /// The channels between the convolutions of a stage's blocks, and behind them.
    func widths(ofStage stage: Int) -> (inner: Int, outer: Int) {
      (innerWidth << stage, (isBottleneck ? 4 * width : width) << stage)
    }

    /// Bounds that no published network comes near; they keep a hostile file from asking for a
    /// graph of billions of nodes.
    private static let largestWidth = 65536
    private static let mostBlocks = 1024
    /// The channels of the last stage can still be counted.
    private static let mostStages = 8

    func validate() throws(ConfigurationError) {
      try ConfigurationError.check(
        [
          "inputChannels": inputChannels, "width": width, "innerWidth": innerWidth,
          "classCount": classCount, "classifierOutputs": classifierRows,
        ], within: 1...Self.largestWidth)
      guard classifierRows >= classCount else {
        throw ConfigurationError(
          field: "classifierOutputs", found: classifierRows,
          expected: "\(classCount) or more, as there are classes")
      }
      guard (1...Self.mostStages).contains(blocks.count),
        blocks.allSatisfy({ (1...Self.mostBlocks).contains($0) }),
        blocks.reduce(0, +) <= Self.mostBlocks
      else {
        throw ConfigurationError(
          field: "blocks", found: blocks,
          expected: "1 to \(Self.mostStages) block counts of 1 or more, at most "
            + "\(Self.mostBlocks) together")
      }
    }
  }

  /// Reads the configuration off canonical names and shapes.
  ///
  /// That of 1000 rows two count, no tensor says: a manifest entry does.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    let hasLogSoftmax = tensors["fc.weight"] == nil
    guard let classifier = tensors[hasLogSoftmax ? "fc.0.weight" : "fc.weight"],
      classifier.count == 2,
      let configuration = recognizeBackbone(tensors)
    else { return nil }
    var result = configuration
    result.classCount = classifier[0]
    result.hasLogSoftmax = hasLogSoftmax
    return result
  }

  /// Reads all but the classifier off names and shapes, for architectures built on a ResNet.
  ///
  /// - Parameters:
  ///   - tensors: names and shapes.
  ///   - prefix: stands before the layers' names.
  /// - Returns: nil where they are no ResNet's.
  public static func recognizeBackbone(
    _ tensors: [String: Shape], prefix: String = ""
  ) -> Configuration? {
    guard let stem = tensors[prefix + "conv1.weight"], stem.count == 4,
      let inner = tensors[prefix + "layer1.0.conv1.weight"], inner.count == 4,
      tensors[prefix + "layer1.0.conv2.weight"]?.count == 4
    else { return nil }
    let stages = tensors.count(from: 1) { "\(prefix)layer\($0).0.conv1.weight" }
    return Configuration(
      inputChannels: stem[1], isBottleneck: tensors[prefix + "layer1.0.conv3.weight"] != nil,
      blocks: (0..<stages).map { stage in
        tensors.count { "\(prefix)layer\(stage + 1).\($0).conv1.weight" }
      },
      width: stem[0], innerWidth: inner[0])
  }

  /// Wrappers put these before all names; the operating points of torchxrayvision's module, which
  /// stand outside its wrapper, keep a file's reader from taking them off.
  private static let wrappers = ["module.", "model.", "net."]
  private static let wrapperLimit = 4

  /// Knows torchvision's names, bare or as DataParallel, Lightning modules and torchxrayvision wrap
  /// them.
  public static func role(ofKey key: String) -> KeyRole {
    if key == "op_threshs" { return .operatingPoints }
    var name = key[...]
    for _ in 0..<wrapperLimit {
      guard let wrapper = wrappers.first(where: { name.hasPrefix($0) }) else { break }
      name = name.dropFirst(wrapper.count)
    }
    return isLayer(name) ? layerRole(String(name)) : .unknown
  }

  /// What a tensor is whose name begins with the name of one of the layers, such as
  /// `layer1.0.bn1.weight`.
  public static func layerRole(_ name: String) -> KeyRole {
    // A training counter; absent from files older than PyTorch 0.4.1.
    name.hasSuffix(".num_batches_tracked") ? .ignored : .parameter(name)
  }

  private static func isLayer(_ name: Substring) -> Bool {
    guard let part = name.split(separator: ".", maxSplits: 1).first, part.count < name.count else {
      return false
    }
    return ["conv1", "bn1", "fc"].contains(part)
      || part.hasPrefix("layer") && Int(part.dropFirst("layer".count)) != nil
  }
}
