import DenseNetPlugin
import GraphIR
import ModelKit

extension JFHealthcare {
  /// What distinguishes one network of this family from another.
  ///
  /// The words for pooling, attention and normalisation are those of upstream's configuration files.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Channels of the input.
    public var inputChannels: Int
    /// Maps after the backbone's first convolution.
    public var initialFeatures: Int
    /// Maps that each layer of the backbone adds.
    public var growthRate: Int
    /// Layers in each dense block of the backbone.
    public var blocks: [Int]
    /// Maps inside a layer of the backbone, as a multiple of the growth rate.
    public var bottleneckFactor: Int
    /// Outputs of each head (upstream's `num_classes`).
    public var headClasses: [Int]
    /// What becomes of a map before its head (`global_pool`).
    public var pool: Pool
    /// The sharpness of `LSE` (`lse_gamma`); positive.
    public var lseGamma: Float
    /// What is applied to the map before each head (`attention_map`).
    public var attention: Attention
    /// Whether each head normalises its vector (`fc_bn`).
    public var normalizesHeads: Bool
    /// The normalisation of all layers (`norm_type`).
    public var normalization: Normalization

    /// Creates a configuration; the defaults are the published network's.
    public init(
      inputChannels: Int = 3, initialFeatures: Int = 64, growthRate: Int = 32,
      blocks: [Int] = [6, 12, 24, 16], bottleneckFactor: Int = 4,
      headClasses: [Int] = [1, 1, 1, 1, 1], pool: Pool = .averageAndMaximum,
      lseGamma: Float = 0.5, attention: Attention = .pyramid, normalizesHeads: Bool = true,
      normalization: Normalization = .batch
    ) {
      self.inputChannels = inputChannels
      self.initialFeatures = initialFeatures
      self.growthRate = growthRate
      self.blocks = blocks
      self.bottleneckFactor = bottleneckFactor
      self.headClasses = headClasses
      self.pool = pool
      self.lseGamma = lseGamma
      self.attention = attention
      self.normalizesHeads = normalizesHeads
      self.normalization = normalization
    }

    /// The backbone's part.
    var backbone: DenseNet.Configuration {
      DenseNet.Configuration(
        inputChannels: inputChannels, initialFeatures: initialFeatures, growthRate: growthRate,
        blocks: blocks, bottleneckFactor: bottleneckFactor)
    }

    /// No published network comes near; they bound the graph that a hostile file asks for, in which
    /// the attention is there once a head.
    private static let mostHeads = 256
    private static let mostClasses = 65536

    func validate() throws(ConfigurationError) {
      guard !headClasses.isEmpty, headClasses.count <= Self.mostHeads,
        headClasses.allSatisfy({ (1...Self.mostClasses).contains($0) })
      else {
        throw ConfigurationError(
          field: "headClasses",
          found: headClasses,
          expected: "1 to \(Self.mostHeads) heads of 1 to \(Self.mostClasses) classes")
      }
      guard lseGamma > 0, lseGamma.isFinite else {
        throw ConfigurationError(
          field: "lseGamma", found: lseGamma, expected: "a positive number")
      }
      if pool == .classActivation, headClasses.contains(where: { $0 != 1 }) {
        throw ConfigurationError(
          field: "headClasses", found: headClasses,
          expected: "1 for each head where the pool is \(Pool.classActivation.rawValue)")
      }
    }
  }

  /// How a map becomes a vector.
  public enum Pool: String, CaseIterable, Codable, Hashable, Sendable {
    /// The mean.
    case average = "AVG"
    /// The maximum.
    case maximum = "MAX"
    /// The mean, weighted by the head's own probability at each pixel: Probabilistic-CAM pooling.
    case classActivation = "PCAM"
    /// Mean, then maximum: twice as many numbers.
    case averageAndMaximum = "AVG_MAX"
    /// Mean, maximum, `LSE`: three times as many numbers.
    case averageMaximumAndLSE = "AVG_MAX_LSE"
    /// The mean, weighted by the exponential of each value.
    case exponential = "EXP"
    /// The mean, weighted by each value itself.
    case linear = "LINEAR"
    /// The logarithm of the mean exponential.
    case logSumExp = "LSE"

    /// Numbers of the vector for one map.
    var width: Int {
      switch self {
      case .averageAndMaximum: 2
      case .averageMaximumAndLSE: 3
      default: 1
      }
    }

    /// Reads upstream's word.
    public init(from decoder: any Decoder) throws { self = try decoder.word("pool") }
  }

  /// What is done to a map before a head.
  public enum Attention: String, CaseIterable, Codable, Hashable, Sendable {
    /// Nothing.
    case none = "None"
    /// Squeeze and excitation of channels.
    case channel = "CAM"
    /// Feature pyramid attention.
    case pyramid = "FPA"

    /// Reads upstream's word.
    public init(from decoder: any Decoder) throws { self = try decoder.word("attention") }
  }

  /// How layers are normalised.
  public enum Normalization: String, CaseIterable, Codable, Hashable, Sendable {
    /// Batch normalisation, by stored statistics.
    case batch = "BatchNorm"

    /// Reads upstream's word.
    public init(from decoder: any Decoder) throws { self = try decoder.word("normalization") }
  }
}

extension Decoder {
  /// One of a few words, or an error that lists them.
  fileprivate func word<Word: RawRepresentable<String> & CaseIterable>(
    _ field: String
  ) throws -> Word {
    let text = try singleValueContainer().decode(String.self)
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue)
      // The most of a foreign word that is told.
      throw ConfigurationError(
        field: field, found: text.prefix(40).debugDescription,
        expected: (words.count > 1 ? "one of " : "") + words.joined(separator: ", "))
    }
    return word
  }
}
