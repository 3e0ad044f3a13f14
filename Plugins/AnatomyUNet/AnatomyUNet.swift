import GraphIR
import ModelKit
import ResNetPlugin

/// The U-Net on a ResNet-50 of CXAS (Seibold et al., "Accurate Fine-Grained Segmentation of Human
/// Anatomy in Radiographs via Volumetric Pseudo-Labeling", arXiv:2306.03934), as
/// `torchxrayvision.baseline_models.chestx_anatomy` builds it.
///
/// From the map of the last stage on, each step stretches the map to the size of the stage before,
/// lays it behind that stage's map and convolves both twice. See README.md beside this file.
public enum AnatomyUNet: Architecture {
  /// The name in manifests and native files.
  public static let id = "anatomy-unet"

  /// What the network gives.
  public static let endpoints = [Endpoint].segmentation

  /// What torchxrayvision runs it at.
  public static let defaultResolution = 512

  /// Colour.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.backbone.inputChannels
  }

  /// ImageNet's.
  public static func scaling(_ configuration: Configuration) -> InputScaling { .imageNet }

  /// Before the names of the backbone's layers.
  static let prefix = "backbone."

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    let stages = try ResNet.stages(
      configuration.backbone, prefix: prefix, on: image, in: &builder)
    var (map, channels) = (stages[4].map, 1024)
    map = builder.normalisedConvolution("head.up1.conv1.conv", at: 0, map, from: 2048, to: channels)
    for (step, output) in [512, 256, 64, 128].enumerated() {
      let (skipped, width) = stages[3 - step]
      let name = "head.up\(step + 1)"
      map = builder.resize(
        map, .bilinear(alignsCorners: false), like: skipped, label: name + ".up")
      map = builder.concatenation([skipped, map], label: name)
      channels += width
      // Only the first step has a layer before, and so a number in the name of this one.
      let convolutions = name + (step == 0 ? ".conv2" : ".conv") + ".double_conv"
      map = builder.normalisedConvolution(
        convolutions, at: 0, map, from: channels, to: channels / 2)
      map = builder.normalisedConvolution(
        convolutions, at: 3, map, from: channels / 2, to: output)
      channels = output
    }
    // Upstream stretches first. A pixel's convolution and a mean whose weights add up to 1 may change
    // places, and the map of 128 channels at the image's size need never be.
    map = builder.convolution(
      "head.out.conv", map, from: channels, to: configuration.classCount, hasBias: true)
    builder.segmentation(
      builder.resize(map, .bilinear(alignsCorners: false), like: image, label: "head.up"))
  }
}

extension GraphBuilder {
  /// A 3x3 convolution with bias, a batch norm and a ReLU: layers `number`, the next and the one
  /// after it of the module `name`.
  fileprivate mutating func normalisedConvolution(
    _ name: String, at number: Int, _ image: Graph.Value, from input: Int, to output: Int
  ) -> Graph.Value {
    let map = convolution(
      "\(name).\(number)", image, from: input, to: output, window: 3, WindowGeometry(padding: 1),
      hasBias: true)
    return unary(
      .relu, batchNorm("\(name).\(number + 1)", map, channels: output),
      label: "\(name).\(number + 2)")
  }
}
