import GraphIR
import ModelKit

extension VQGAN {
  /// What distinguishes one network from another; beside each member its name in upstream's files.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Channels of the image (`in_channels`).
    public var inputChannels: Int
    /// Channels that the decoder makes (`out_ch`), of which the first is the image.
    public var outputChannels: Int
    /// Channels behind the first convolution (`ch`).
    public var channels: Int
    /// Channels of each level as a multiple of `channels` (`ch_mult`); from level to level the image
    /// is halved.
    public var multipliers: [Int]
    /// Blocks of each level of the encoder (`num_res_blocks`); the decoder's have one more.
    public var blocks: Int
    /// The levels, from 0, whose blocks are followed by attention (those of `attn_resolutions`).
    public var attentionLevels: [Int]
    /// Whether halving and doubling have convolutions of their own (`resamp_with_conv`).
    public var resamplesWithConvolution: Bool
    /// Channels between encoder and quantisation (`z_channels`).
    public var latentChannels: Int
    /// Numbers in a code (`embed_dim`).
    public var codeLength: Int
    /// Codes that there are (`n_embed`).
    public var codeCount: Int

    /// Creates a configuration; the defaults are those of the first published VQ-GANs.
    public init(
      inputChannels: Int = 3, outputChannels: Int = 3, channels: Int = 128,
      multipliers: [Int] = [1, 1, 2, 2, 4], blocks: Int = 2, attentionLevels: [Int] = [4],
      resamplesWithConvolution: Bool = true, latentChannels: Int = 256, codeLength: Int = 256,
      codeCount: Int = 1024
    ) {
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.channels = channels
      self.multipliers = multipliers
      self.blocks = blocks
      self.attentionLevels = attentionLevels
      self.resamplesWithConvolution = resamplesWithConvolution
      self.latentChannels = latentChannels
      self.codeLength = codeLength
      self.codeCount = codeCount
    }

    /// Bounds that no published network comes near; they keep a hostile file from asking for a
    /// graph of billions of nodes.
    private static let largestWidth = 65536
    private static let mostLevels = 16
    private static let mostBlocks = 64

    func validate() throws(ConfigurationError) {
      try ConfigurationError.check(
        [
          "outputChannels": outputChannels, "channels": channels,
          "latentChannels": latentChannels, "codeLength": codeLength, "codeCount": codeCount,
        ], within: 1...Self.largestWidth)
      try ConfigurationError.check(["blocks": blocks], within: 1...Self.mostBlocks)
      guard (1...Self.mostLevels).contains(multipliers.count),
        multipliers.allSatisfy({ (1...Self.largestWidth).contains($0) && isWidth($0) })
      else {
        throw ConfigurationError(
          field: "multipliers",
          found: multipliers,
          expected: "1 to \(Self.mostLevels) numbers that make multiples of \(VQGAN.groups), at "
            + "most \(Self.largestWidth), of \(channels) channels")
      }
      guard channels.isMultiple(of: VQGAN.groups) else {
        throw ConfigurationError(
          field: "channels", found: channels, expected: "a multiple of \(VQGAN.groups)")
      }
      guard Set(attentionLevels).count == attentionLevels.count,
        attentionLevels.allSatisfy(multipliers.indices.contains)
      else {
        throw ConfigurationError(
          field: "attentionLevels",
          found: attentionLevels,
          expected: "different levels from 0 to \(multipliers.count - 1)")
      }
    }

    private func isWidth(_ multiplier: Int) -> Bool {
      let (width, overflow) = channels.multipliedReportingOverflow(by: multiplier)
      return !overflow && width <= Self.largestWidth && width.isMultiple(of: VQGAN.groups)
    }

    /// Channels of a level.
    func width(_ level: Int) -> Int { channels * multipliers[level] }
  }

  /// Reads the configuration off canonical names and shapes; upstream has it in a file of its own.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    func extents(_ name: String, _ count: Int) -> Shape? {
      tensors[name].flatMap { $0.count == count ? $0 : nil }
    }
    guard let stem = extents("encoder.conv_in.weight", 4), stem[0] > 0,
      let codes = extents("quantize.embedding.weight", 2),
      let quantised = extents("post_quant_conv.weight", 4),
      let output = extents("decoder.conv_out.weight", 4)
    else { return nil }
    let levels = tensors.count { "encoder.down.\($0).block.0.conv1.weight" }
    let widths = (0..<levels).compactMap {
      extents("encoder.down.\($0).block.0.conv1.weight", 4)?[0]
    }
    guard levels > 0, widths.count == levels else { return nil }
    return Configuration(
      inputChannels: stem[1], outputChannels: output[0], channels: stem[0],
      multipliers: widths.map { $0 / stem[0] },
      blocks: tensors.count { "encoder.down.0.block.\($0).conv1.weight" },
      attentionLevels: (0..<levels).filter {
        tensors["encoder.down.\($0).attn.0.q.weight"] != nil
      },
      resamplesWithConvolution: levels == 1
        || tensors["encoder.down.0.downsample.conv.weight"] != nil,
      latentChannels: quantised[0], codeLength: codes[1], codeCount: codes[0])
  }

  /// Knows the names of taming-transformers' `VQModel`, which are the canonical ones; what trains
  /// the network (`loss.*`) is not needed.
  public static func role(ofKey key: String) -> KeyRole {
    switch key.split(separator: ".", maxSplits: 1).first {
    case "encoder", "decoder", "quantize", "quant_conv", "post_quant_conv": .parameter(key)
    case "loss": .ignored
    default: .unknown
    }
  }
}
