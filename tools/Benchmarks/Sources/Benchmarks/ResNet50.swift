import XRayZoo

/// Residual networks of 50 layers (He et al., "Deep Residual Learning for Image Recognition", CVPR
/// 2016) as torchvision builds them: the stride stands in the 3x3 convolution of a bottleneck.
///
/// Parameters have torchvision's names.
struct ResNet50 {
  private var builder = GraphBuilder()

  static func graph(channels: Int, classCount: Int) throws -> Graph {
    var network = ResNet50()
    let image = network.builder.input(Model.inputName, channels: channels)
    var map = network.stem(image, channels: channels)
    var width = 64
    for (stage, blocks) in [3, 4, 6, 3].enumerated() {
      let inner = 64 << stage
      for block in 0..<blocks {
        map = network.bottleneck(
          "layer\(stage + 1).\(block)", map, channels: width, inner: inner,
          stride: stage > 0 && block == 0 ? 2 : 1)
        width = inner * 4
      }
    }
    network.head(map, channels: width, classCount: classCount)
    return try network.builder.build()
  }

  private mutating func stem(_ image: Graph.Value, channels: Int) -> Graph.Value {
    let map = convolution(
      "conv1", norm: "bn1", image, from: channels, to: 64, window: 7,
      WindowGeometry(stride: 2, padding: 3))
    return builder.pooling(
      .maximum, relu(map, "relu"), window: 3, WindowGeometry(stride: 2, padding: 1),
      label: "maxpool")
  }

  private mutating func bottleneck(
    _ name: String, _ image: Graph.Value, channels: Int, inner: Int, stride: Int
  ) -> Graph.Value {
    let stride = Size2D(height: stride, width: stride)
    var map = convolution(
      name + ".conv1", norm: name + ".bn1", image, from: channels, to: inner, window: 1)
    map = convolution(
      name + ".conv2", norm: name + ".bn2", relu(map, name + ".relu1"), from: inner, to: inner,
      window: 3, WindowGeometry(stride: stride, padding: 1))
    map = convolution(
      name + ".conv3", norm: name + ".bn3", relu(map, name + ".relu2"), from: inner,
      to: inner * 4, window: 1)
    var shortcut = image
    if channels != inner * 4 {
      shortcut = convolution(
        name + ".downsample.0", norm: name + ".downsample.1", image, from: channels,
        to: inner * 4, window: 1, WindowGeometry(stride: stride))
    }
    return relu(builder.binary(.add, map, shortcut, label: name + ".add"), name + ".relu3")
  }

  private mutating func head(_ map: Graph.Value, channels: Int, classCount: Int) {
    let features = builder.spatialMean(map, label: "avgpool")
    let logits = builder.linear(
      features, weight: builder.parameter("fc.weight", [classCount, channels]),
      bias: builder.parameter("fc.bias", [classCount]), label: "fc")
    builder.endpoint(Endpoint.logitsName, logits)
  }

  private mutating func relu(_ map: Graph.Value, _ label: String) -> Graph.Value {
    builder.unary(.relu, map, label: label)
  }

  private mutating func convolution(
    _ name: String, norm: String, _ image: Graph.Value, from: Int, to: Int, window: Int,
    _ geometry: WindowGeometry = .init()
  ) -> Graph.Value {
    let weight = builder.parameter(name + ".weight", [to, from, window, window])
    let map = builder.convolution(image, weight: weight, geometry, label: name)
    return builder.batchNorm(
      map, gamma: builder.parameter(norm + ".weight", [to]),
      beta: builder.parameter(norm + ".bias", [to]),
      mean: builder.parameter(norm + ".running_mean", [to]),
      variance: builder.parameter(norm + ".running_var", [to]), label: norm)
  }
}
