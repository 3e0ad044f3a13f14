import GraphIR
import ModelKit
import Testing
import VQGANPlugin

/// VQ-GANs known by their tensors, and configurations that make none.
struct VQGANTests {
  static let configurations: [VQGAN.Configuration] = [
    .init(),
    .init(
      channels: 64, multipliers: [1, 1, 2, 2, 4, 4], attentionLevels: [5], latentChannels: 64,
      codeLength: 64, codeCount: 256),
    .init(
      inputChannels: 1, outputChannels: 2, channels: 32, multipliers: [1, 3, 2], blocks: 1,
      attentionLevels: [0, 2], latentChannels: 5, codeLength: 7, codeCount: 11),
    .init(
      channels: 96, multipliers: [1, 2], blocks: 3, attentionLevels: [],
      resamplesWithConvolution: false, latentChannels: 4, codeLength: 3, codeCount: 9),
    .init(multipliers: [2], attentionLevels: [], latentChannels: 1, codeLength: 1, codeCount: 1),
  ]

  private func shapes(_ configuration: VQGAN.Configuration) throws -> [String: Shape] {
    let parameters = try VQGAN.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: configurations)
  func byItsTensors(_ configuration: VQGAN.Configuration) throws {
    #expect(VQGAN.recognize(try shapes(configuration)) == configuration)
  }

  /// What torchxrayvision's `VQModel` has with `ch` 128, `ch_mult` 1, 1, 2, 2, 4, attention at the
  /// lowest resolution, 1024 codes of 256 numbers and as many `z_channels`.
  @Test func parametersOfTheDefault() throws {
    let tensors = try shapes(.init())
    #expect(tensors.count == 343)
    #expect(tensors.values.reduce(0) { $0 + $1.elementCount } == 72_141_699)
    #expect(tensors["encoder.down.2.block.0.nin_shortcut.weight"] == [256, 128, 1, 1])
    #expect(tensors["encoder.down.4.attn.1.proj_out.bias"] == [512])
    #expect(tensors["encoder.down.4.downsample.conv.weight"] == nil)
    #expect(tensors["decoder.up.0.block.2.conv2.weight"] == [128, 128, 3, 3])
    #expect(tensors["decoder.up.1.upsample.conv.weight"] == [128, 128, 3, 3])
    #expect(tensors["decoder.conv_out.weight"] == [3, 128, 3, 3])
    #expect(tensors["quantize.embedding.weight"] == [1024, 256])
  }

  static let telling = [
    "encoder.conv_in.weight", "quantize.embedding.weight", "post_quant_conv.weight",
    "decoder.conv_out.weight", "encoder.down.0.block.0.conv1.weight",
  ]

  @Test(arguments: telling)
  func notWithout(_ name: String) throws {
    var tensors = try shapes(.init())
    for shape in [nil, [], [3]] as [Shape?] {
      tensors[name] = shape
      #expect(VQGAN.recognize(tensors) == nil)
    }
  }

  @Test func nothingAndOthers() {
    #expect(VQGAN.recognize([:]) == nil)
    #expect(VQGAN.recognize(["encoder.conv_in.weight": [128, 3, 3, 3]]) == nil)
  }

  /// Whatever shapes a file claims, the answer is nil or a configuration that is refused politely.
  @Test(arguments: [0, 1, 31, Int.max, 1 << 40, 65537], telling)
  func absurdShapes(_ extent: Int, _ name: String) throws {
    let whole = try shapes(.init())
    for axis in 0..<2 {
      var tensors = whole
      guard var extents = tensors[name]?.dimensions else { continue }
      extents[axis] = extent
      tensors[name] = Shape(extents)
      guard let configuration = VQGAN.recognize(tensors) else { continue }
      do {
        _ = try VQGAN.graph(configuration)
        _ = try VQGAN.graph(configuration, channels: 1)
      } catch {
        #expect(error is ConfigurationError)
      }
    }
  }

  @Test(arguments: [
    ("encoder.conv_in.weight", KeyRole.parameter("encoder.conv_in.weight")),
    ("decoder.up.3.attn.2.q.bias", .parameter("decoder.up.3.attn.2.q.bias")),
    ("quantize.embedding.weight", .parameter("quantize.embedding.weight")),
    ("quant_conv.bias", .parameter("quant_conv.bias")),
    ("post_quant_conv.weight", .parameter("post_quant_conv.weight")),
    ("loss.discriminator.main.0.weight", .ignored), ("loss.logvar", .ignored),
    ("losses.a", .unknown), ("conv_in.weight", .unknown), ("", .unknown), (".", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(VQGAN.role(ofKey: key) == role)
  }

  private static let levels =
    "1 to 16 numbers that make multiples of 32, at most 65536, of 128 channels"

  @Test(
    arguments: [
      (.init(inputChannels: 0), "inputChannels is 0, must be from 1 to 1024"),
      (.init(outputChannels: 0), "outputChannels is 0, must be from 1 to 65536"),
      (.init(channels: -32), "channels is -32, must be from 1 to 65536"),
      (.init(channels: .max), "channels is \(Int.max), must be from 1 to 65536"),
      (.init(channels: 48, multipliers: [2]), "channels is 48, must be a multiple of 32"),
      (.init(multipliers: []), "multipliers is [], must be \(levels)"),
      (.init(multipliers: [1, 0]), "multipliers is [1, 0], must be \(levels)"),
      (.init(multipliers: [.max]), "multipliers is [\(Int.max)], must be \(levels)"),
      (.init(multipliers: [.min]), "multipliers is [\(Int.min)], must be \(levels)"),
      (.init(multipliers: [513]), "multipliers is [513], must be \(levels)"),
      (
        .init(multipliers: Array(repeating: 1, count: 17)),
        "multipliers is 17 long, must be \(levels)"
      ),
      (.init(blocks: 0), "blocks is 0, must be from 1 to 64"),
      (.init(blocks: 65), "blocks is 65, must be from 1 to 64"),
      (
        .init(attentionLevels: [5]), "attentionLevels is [5], must be different levels from 0 to 4"
      ),
      (
        .init(attentionLevels: [-1]),
        "attentionLevels is [-1], must be different levels from 0 to 4"
      ),
      (
        .init(attentionLevels: [1, 1]),
        "attentionLevels is [1, 1], must be different levels from 0 to 4"
      ),
      (.init(latentChannels: 0), "latentChannels is 0, must be from 1 to 65536"),
      (.init(codeLength: .min), "codeLength is \(Int.min), must be from 1 to 65536"),
      (.init(codeCount: 65537), "codeCount is 65537, must be from 1 to 65536"),
    ] as [(VQGAN.Configuration, String)])
  func isRefused(_ configuration: VQGAN.Configuration, _ fact: String) {
    let error = #expect(throws: ConfigurationError.self) { _ = try VQGAN.graph(configuration) }
    #expect(error?.description == "the configuration's \(fact)")
  }

  /// The largest network that is let through is built, and refused for its size when shapes are
  /// asked for: nothing is allocated, nothing overflows.
  @Test func largestNetworkIsTooLarge() throws {
    let graph = try VQGAN.graph(
      .init(
        inputChannels: 1024, outputChannels: 65536, channels: 65536,
        multipliers: Array(repeating: 1, count: 16), blocks: 64, attentionLevels: Array(0..<16),
        latentChannels: 65536, codeLength: 65536, codeCount: 65536))
    #expect(throws: GraphError.self) {
      _ = try graph.shapes(inputs: ["image": [1, 1024, 768, 768]])
    }
  }
}
