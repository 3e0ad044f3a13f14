import GraphIR
import ModelKit

/// Autoencoders that describe an image by a grid of codes from a book (Esser, Rombach and Ommer,
/// "Taming Transformers for High-Resolution Image Synthesis", CVPR 2021), as
/// `torchxrayvision.baseline_models.ieee8023.VQGAN` uses them.
///
/// See README.md beside this file.
public enum VQGAN: Architecture {
  /// The name in manifests and native files.
  public static let id = "vqgan"

  /// What the network gives.
  public static let endpoints = [
    Endpoint(
      "latent",
      "the codes' vectors, [batch, codeLength, height/f, width/f] where f is 2^(levels - 1) "
        + "(upstream's encode)"),
    Endpoint("codes", "the codes' numbers in the book, [batch, height/f, width/f]"),
    Endpoint(
      Endpoint.reconstructionName,
      "the image as the decoder makes it of the latent, [batch, 1, height, width], -1024 to 1024 "
        + "(upstream's decode)"),
  ]

  /// What the published weights are trained at.
  public static let defaultResolution = 768

  /// From -1 to 1.
  public static func scaling(_ configuration: Configuration) -> InputScaling { .unit }

  /// How many channels the first convolution takes.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.inputChannels
  }

  /// The groups of every normalisation.
  static let groups = 32

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    var coder = Coder(builder: builder, configuration: configuration)
    let encoded = coder.encoder(image)
    let (codes, latent) = coder.quantised(encoded)
    let reconstruction = coder.decoder(latent)
    coder.builder.endpoint("latent", latent)
    coder.builder.endpoint("codes", codes)
    coder.builder.endpoint(Endpoint.reconstructionName, reconstruction)
    builder = coder.builder
  }
}

/// Encoder, code book and decoder, each under the names of the published checkpoints.
private struct Coder {
  var builder: GraphBuilder
  let configuration: VQGAN.Configuration

  private var lastLevel: Int { configuration.multipliers.count - 1 }

  mutating func encoder(_ image: Graph.Value) -> Graph.Value {
    var layers = CoderLayers(builder: builder, prefix: "encoder.")
    var (map, channels) = (image, configuration.channels)
    map = layers.convolution("conv_in", map, from: configuration.inputChannels, to: channels)
    for level in 0...lastLevel {
      let width = configuration.width(level)
      for block in 0..<configuration.blocks {
        map = layers.block("down.\(level).block.\(block)", map, from: channels, to: width)
        channels = width
        if configuration.attentionLevels.contains(level) {
          map = layers.attention("down.\(level).attn.\(block)", map, channels: width)
        }
      }
      if level < lastLevel {
        map = layers.halved(
          "down.\(level).downsample", map, channels: width,
          hasConvolution: configuration.resamplesWithConvolution)
      }
    }
    map = layers.middle(map, channels: channels)
    map = layers.normalised("norm_out", map, channels: channels, isActivated: true)
    map = layers.convolution("conv_out", map, from: channels, to: configuration.latentChannels)
    builder = layers.builder
    return builder.convolution(
      "quant_conv", map, from: configuration.latentChannels, to: configuration.codeLength,
      hasBias: true)
  }

  /// The nearest code of each place, and its vector.
  ///
  /// Of |z - e|² the place's own |z|² is left out, since it is the same for all codes: what is left
  /// is a convolution, and the smaller the numbers, the less rounding decides between two codes that
  /// are nearly as near. Of equals the first counts, as in upstream.
  mutating func quantised(
    _ encoded: Graph.Value
  ) -> (codes: Graph.Value, latent: Graph.Value) {
    let (count, length) = (configuration.codeCount, configuration.codeLength)
    let label = "quantize"
    let book = builder.parameter("quantize.embedding.weight", [count, length])
    let squares = builder.binary(.multiply, book, book, label: label + ".squares")
    let lengths = builder.reduction(.sum, squares, axes: [1], label: label + ".lengths")
    let minusTwo = builder.constant(-2, label: label + ".minusTwo")
    let doubled = builder.binary(.multiply, book, minusTwo, label: label + ".doubled")
    let weight = builder.reshape(doubled, to: [count, length, 1, 1], label: label + ".weight")
    let products = builder.convolution(encoded, weight: weight, label: label + ".products")
    let perCode = builder.reshape(lengths, to: [1, count, 1, 1], label: label + ".perCode")
    let distances = builder.binary(.add, products, perCode, label: label + ".distances")
    let nearest = builder.argExtremum(
      .minimum, distances, axis: 1, takesLast: false, label: label + ".nearest")
    // A single index in the place of an axis takes the axis away.
    let zero = builder.constant(0, label: label + ".zero")
    let codes = builder.gather(nearest, indices: zero, axis: 1, label: label + ".codes")
    let vectors = builder.gather(book, indices: codes, axis: 0, label: label + ".vectors")
    let latent = builder.transpose(vectors, permutation: [0, 3, 1, 2], label: label + ".latent")
    return (codes, latent)
  }

  /// The first channel of what the decoder makes, on the scale of images.
  mutating func decoder(_ latent: Graph.Value) -> Graph.Value {
    var channels = configuration.width(lastLevel)
    let quantised = builder.convolution(
      "post_quant_conv", latent, from: configuration.codeLength,
      to: configuration.latentChannels, hasBias: true)
    var layers = CoderLayers(builder: builder, prefix: "decoder.")
    var map = layers.convolution(
      "conv_in", quantised, from: configuration.latentChannels, to: channels)
    map = layers.middle(map, channels: channels)
    for level in (0...lastLevel).reversed() {
      let width = configuration.width(level)
      for block in 0...configuration.blocks {
        map = layers.block("up.\(level).block.\(block)", map, from: channels, to: width)
        channels = width
        if configuration.attentionLevels.contains(level) {
          map = layers.attention("up.\(level).attn.\(block)", map, channels: width)
        }
      }
      if level > 0 {
        map = layers.doubled(
          "up.\(level).upsample", map, channels: width,
          hasConvolution: configuration.resamplesWithConvolution)
      }
    }
    map = layers.normalised("norm_out", map, channels: channels, isActivated: true)
    builder = layers.builder
    return image(map, channels: channels)
  }

  /// The last convolution with the weights of its first channel alone.
  private mutating func image(_ map: Graph.Value, channels: Int) -> Graph.Value {
    let name = "decoder.conv_out"
    let outputs = configuration.outputChannels
    let first = builder.constant(Tensor(shape: [1], [0]), label: name + ".first")
    let weight = builder.gather(
      builder.parameter(name + ".weight", [outputs, channels, 3, 3]), indices: first, axis: 0,
      label: name + ".weight.first")
    let bias = builder.gather(
      builder.parameter(name + ".bias", [outputs]), indices: first, axis: 0,
      label: name + ".bias.first")
    let pixels = builder.convolution(
      map, weight: weight, bias: bias, WindowGeometry(padding: 1), label: name)
    let limit = builder.constant(1024, label: "limit")
    let scaled = builder.binary(.multiply, pixels, limit, label: "scaled")
    let least = builder.constant(-1024, label: "least")
    let raised = builder.binary(.maximum, scaled, least, label: "raised")
    return builder.binary(.minimum, raised, limit, label: "clipped")
  }
}
