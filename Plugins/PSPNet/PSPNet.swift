import GraphIR
import ModelKit

/// The pyramid scene parsing network (Zhao et al., "Pyramid Scene Parsing Network", CVPR 2017) of
/// `torchxrayvision.baseline_models.chestx_det`.
///
/// A residual network whose last two stages dilate their convolutions instead of halving the image;
/// means over coarser and coarser grids of its map are laid behind it; one convolution over all of
/// them and one for each label's map. See README.md beside this file.
public enum PSPNet: Architecture {
  /// The name in manifests and native files.
  public static let id = "pspnet"

  /// What the network gives.
  public static let endpoints = [Endpoint].segmentation

  /// What torchxrayvision runs it at.
  public static let defaultResolution = 512

  /// Colour.
  public static func inputChannels(_ configuration: Configuration) -> Int { colours }

  /// ImageNet's.
  public static func scaling(_ configuration: Configuration) -> InputScaling { .imageNet }

  private static let colours = 3
  /// Windows of the pyramid along a side of the map, in the order of the published layers.
  private static let pyramid = [6, 3, 2, 1]

  /// Adds the network.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    var map = builder.stem(image, from: colours)
    var channels = 128
    for (stage, blocks) in zip(Stage.all, configuration.blocks) {
      map = builder.stage(stage, blocks: blocks, map, from: channels)
      channels = stage.output
    }
    map = builder.pyramid(map, channels: channels, parts: pyramid)
    map = builder.normalisedConvolution(
      "cbr_final.cbr_unit", map, from: 2 * channels, to: 512, window: 3,
      WindowGeometry(padding: 1))
    map = builder.convolution(
      "classification", builder.relu(map, "cbr_final"), from: 512, to: configuration.classCount,
      hasBias: true)
    builder.segmentation(
      builder.resize(map, .bilinear(alignsCorners: false), like: image, label: "upsample"))
  }
}

/// A row of residual blocks of the same width.
private struct Stage {
  let name: String
  let inner: Int
  let output: Int
  let stride: Size2D
  let dilation: Size2D

  static let all = [
    Stage(name: "res_block2", inner: 64, output: 256, stride: 1, dilation: 1),
    Stage(name: "res_block3", inner: 128, output: 512, stride: 2, dilation: 1),
    Stage(name: "res_block4", inner: 256, output: 1024, stride: 1, dilation: 2),
    Stage(name: "res_block5", inner: 512, output: 2048, stride: 1, dilation: 4),
  ]
}

/// The parts of the network, each under the names of ptsemseg's modules.
extension GraphBuilder {
  /// A convolution without bias and its batch norm, the first two layers of the module `name`.
  fileprivate mutating func normalisedConvolution(
    _ name: String, _ image: Graph.Value, from input: Int, to output: Int, window: Size2D = 1,
    _ geometry: WindowGeometry = .init()
  ) -> Graph.Value {
    let map = convolution(
      name + ".0", image, from: input, to: output, window: window, geometry)
    return batchNorm(name + ".1", map, channels: output)
  }

  fileprivate mutating func relu(_ map: Graph.Value, _ label: String) -> Graph.Value {
    unary(.relu, map, label: label + ".relu")
  }

  /// Three small convolutions in place of one large one; a quarter of the image's size.
  fileprivate mutating func stem(_ image: Graph.Value, from colours: Int) -> Graph.Value {
    var map = image
    let layers: [(Int, Int, Size2D)] = [(colours, 64, 2), (64, 64, 1), (64, 128, 1)]
    for (index, (input, output, stride)) in layers.enumerated() {
      let name = "convbnrelu1_\(index + 1)"
      map = normalisedConvolution(
        name + ".cbr_unit", map, from: input, to: output, window: 3,
        WindowGeometry(stride: stride, padding: 1))
      map = relu(map, name)
    }
    return pooling(
      .maximum, map, window: 3, WindowGeometry(stride: 2, padding: 1), label: "max_pool2d")
  }

  fileprivate mutating func stage(
    _ stage: Stage, blocks: Int, _ image: Graph.Value, from channels: Int
  ) -> Graph.Value {
    var (map, channels) = (image, channels)
    for block in 0..<blocks {
      let name = "\(stage.name).layers.\(block)"
      let stride = block == 0 ? stage.stride : 1
      var inner = normalisedConvolution(
        name + ".cbr1.cbr_unit", map, from: channels, to: stage.inner)
      inner = normalisedConvolution(
        name + ".cbr2.cbr_unit", relu(inner, name + ".cbr1"), from: stage.inner, to: stage.inner,
        window: 3,
        WindowGeometry(stride: stride, padding: stage.dilation, dilation: stage.dilation))
      inner = normalisedConvolution(
        name + ".cb3.cb_unit", relu(inner, name + ".cbr2"), from: stage.inner, to: stage.output)
      if block == 0 {
        map = normalisedConvolution(
          name + ".cb4.cb_unit", map, from: channels, to: stage.output,
          WindowGeometry(stride: stride))
      }
      map = relu(binary(.add, inner, map, label: name + ".add"), name)
      channels = stage.output
    }
    return map
  }

  /// The map, and behind it what is left of it on coarser grids, stretched to its size.
  fileprivate mutating func pyramid(
    _ map: Graph.Value, channels: Int, parts: [Int]
  ) -> Graph.Value {
    let slices = parts.enumerated().map { index, parts in
      let name = "pyramid_pooling.path_module_list.\(index)"
      var slice = gridPooling(map, parts: parts, label: name + ".pool")
      slice = normalisedConvolution(
        name + ".cbr_unit", slice, from: channels, to: channels / 4)
      return resize(
        relu(slice, name), .bilinear(alignsCorners: false), like: map, label: name + ".upsample")
    }
    return concatenation([map] + slices, label: "pyramid_pooling")
  }
}
