import DenseNetPlugin
import GraphIR
import ModelKit

extension CheXpert {
  /// What distinguishes one ensemble from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Channels of the input.
    public var inputChannels: Int
    /// Maps after a network's first convolution.
    public var initialFeatures: Int
    /// Maps that each layer adds.
    public var growthRate: Int
    /// Layers in each dense block.
    public var blocks: [Int]
    /// Maps inside a layer, as a multiple of the growth rate.
    public var bottleneckFactor: Int
    /// Networks in each of the three groups.
    public var members: Int

    /// Creates a configuration; the defaults are the published ensemble's.
    public init(
      inputChannels: Int = 3, initialFeatures: Int = 64, growthRate: Int = 32,
      blocks: [Int] = [6, 12, 24, 16], bottleneckFactor: Int = 4, members: Int = 30
    ) {
      self.inputChannels = inputChannels
      self.initialFeatures = initialFeatures
      self.growthRate = growthRate
      self.blocks = blocks
      self.bottleneckFactor = bottleneckFactor
      self.members = members
    }

    /// One network, whose `classCount` does not matter.
    var backbone: DenseNet.Configuration {
      DenseNet.Configuration(
        inputChannels: inputChannels, initialFeatures: initialFeatures, growthRate: growthRate,
        blocks: blocks, bottleneckFactor: bottleneckFactor)
    }

    /// Six times the published ensemble's layers; a bound on the graph that a hostile file asks for.
    private static let mostLayers = 1 << 15
    /// Four times the published ensemble's.
    private static let mostMembers = 128

    func validate() throws(ConfigurationError) {
      try ConfigurationError.check(["members": members], within: 1...Self.mostMembers)
      // What overflows here is refused by the backbone's own bounds.
      let layers = blocks.reduce(0) { $0 &+ $1 }
      guard !(1...1024).contains(layers) || layers * members * 3 <= Self.mostLayers else {
        throw ConfigurationError(
          field: "members", found: members,
          expected: "at most \(Self.mostLayers / 3 / layers) for networks of \(layers) layers")
      }
    }
  }

  /// What the ensemble is asked about, in the order of its probabilities.
  enum Finding: String, CaseIterable {
    case atelectasis = "Atelectasis"
    case cardiomegaly = "Cardiomegaly"
    case consolidation = "Consolidation"
    case edema = "Edema"
    case pleuralEffusion = "Pleural Effusion"
  }

  /// Networks that were trained with one treatment of uncertain labels, in upstream's order.
  enum Group: String, CaseIterable {
    /// Uncertain counts as positive.
    case ones
    /// Uncertain is a class of its own.
    case threeClass = "3-class"
    /// Uncertain is labelled by a network.
    case selfTrained = "self-train"

    /// The findings that the group decides, in the order of the rows of its classifiers.
    var findings: [Finding] {
      switch self {
      case .ones: [.atelectasis, .edema]
      case .threeClass: [.cardiomegaly, .pleuralEffusion]
      case .selfTrained: [.consolidation]
      }
    }

    /// Rows of the classifier for each finding.
    var width: Int { self == .threeClass ? 3 : 1 }

    /// What stands before the names of a member's parameters.
    func prefix(of member: Int) -> String { "\(rawValue).\(member)." }
  }
}
