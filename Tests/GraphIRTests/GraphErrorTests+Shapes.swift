import GraphIR
import TestSupport

extension GraphErrorTests {
  /// Infers shapes of a graph whose only layer, `layer`, takes an input of that shape and weights.
  static func infer(
    _ image: Shape, channels: Int? = nil, weights: [Shape] = [],
    _ build: (inout GraphBuilder, [Graph.Value]) -> Graph.Value
  ) throws {
    var builder = GraphBuilder()
    var values = [builder.input("image", channels: channels ?? (image.count > 1 ? image[1] : 1))]
    for (index, shape) in weights.enumerated() {
      values.append(builder.parameter("w\(index)", shape))
    }
    builder.endpoint("result", build(&builder, values))
    _ = try builder.build().shapes(inputs: ["image": image])
  }

  /// Infers shapes of a 3×3 convolution over a 4×4 map.
  private static func infer(geometry: WindowGeometry) throws {
    try infer([1, 1, 4, 4], weights: [[1, 1, 3, 3]]) {
      $0.convolution($1[0], weight: $1[1], geometry, label: "layer")
    }
  }

  static let shapeCases = [
    SentenceCase(
      "input rank", "image (input): a 3×4 tensor has 2 dimensions, 4 are needed"
    ) { try infer([3, 4]) { $1[0] } },
    SentenceCase(
      "input channels", "image (input): the number of input channels is 3, must be 1"
    ) { try infer([1, 3, 4, 4], channels: 1) { $1[0] } },
    SentenceCase(
      "weight rank", "layer (convolution): a 8×1 tensor has 2 dimensions, 4 are needed"
    ) {
      try infer([1, 1, 4, 4], weights: [[8, 1]]) {
        $0.convolution($1[0], weight: $1[1], label: "layer")
      }
    },
    SentenceCase(
      "convolution channels", "layer (convolution): the number of channels is 3, must be 4"
    ) {
      try infer([1, 3, 4, 4], weights: [[8, 4, 1, 1]]) {
        $0.convolution($1[0], weight: $1[1], label: "layer")
      }
    },
    SentenceCase("groups", "layer (convolution): 3 channels do not divide into 2 groups") {
      try infer([1, 3, 4, 4], weights: [[8, 1, 1, 1]]) {
        $0.convolution($1[0], weight: $1[1], groups: 2, label: "layer")
      }
    },
    SentenceCase("output groups", "layer (convolution): 5 outputs do not divide into 2 groups") {
      try infer([1, 4, 4, 4], weights: [[5, 2, 1, 1]]) {
        $0.convolution($1[0], weight: $1[1], groups: 2, label: "layer")
      }
    },
    SentenceCase("bias length", "layer (convolution): the length of the bias is 7, must be 8") {
      try infer([1, 1, 4, 4], weights: [[8, 1, 1, 1], [7]]) {
        $0.convolution($1[0], weight: $1[1], bias: $1[2], label: "layer")
      }
    },
    SentenceCase(
      "bias rank", "layer (convolution): a 8×1 tensor has 2 dimensions, 1 are needed"
    ) {
      try infer([1, 1, 4, 4], weights: [[8, 1, 1, 1], [8, 1]]) {
        $0.convolution($1[0], weight: $1[1], bias: $1[2], label: "layer")
      }
    },
    SentenceCase(
      "prologue scale", "layer (convolution): the length of the scale is 4, must be 3"
    ) {
      try infer([1, 3, 4, 4], weights: [[8, 3, 1, 1], [4], [3]]) {
        $0.add(.convolution(Convolution(prologue: .relu)), $1, label: "layer")
      }
    },
    SentenceCase(
      "prologue shift", "layer (convolution): a 3×1 tensor has 2 dimensions, 1 are needed"
    ) {
      try infer([1, 3, 4, 4], weights: [[8, 3, 1, 1], [8], [3], [3, 1]]) {
        $0.add(.convolution(Convolution(prologue: .relu)), $1, label: "layer")
      }
    },
    SentenceCase(
      "residual", "layer (convolution): the residual is 1×8×4×4, must be 1×8×2×2"
    ) {
      try infer([1, 3, 4, 4], weights: [[8, 3, 3, 3], [1, 8, 4, 4]]) {
        $0.add(.convolution(Convolution(addsResidual: true)), $1, label: "layer")
      }
    },
    SentenceCase(
      "residual that would broadcast", "layer (convolution): the residual is 8×4×4, must be 1×8×4×4"
    ) {
      try infer([1, 3, 4, 4], weights: [[8, 3, 1, 1], [8], [8, 4, 4]]) {
        $0.add(.convolution(Convolution(addsResidual: true)), $1, label: "layer")
      }
    },
    SentenceCase("pooled prologue", "layer (pooling): the length of the shift is 2, must be 3") {
      try infer([1, 3, 4, 4], weights: [[3], [2]]) {
        let op = Pooling(kind: .average, window: 2, geometry: .init(), prologue: .identity)
        return $0.add(.pooling(op), $1, label: "layer")
      }
    },
    SentenceCase(
      "averaged prologue", "layer (spatialMean): the length of the scale is 1, must be 3"
    ) {
      try infer([1, 3, 4, 4], weights: [[1], [3]]) {
        $0.add(.spatialMean(SpatialMean(prologue: .relu)), $1, label: "layer")
      }
    },
    SentenceCase(
      "small image",
      "layer (convolution): a 7×7 window does not fit into a 4×9 map: "
        + "the image is too small for this model"
    ) {
      try infer([1, 1, 4, 9], weights: [[1, 1, 7, 7]]) {
        $0.convolution($1[0], weight: $1[1], label: "layer")
      }
    },
    SentenceCase(
      "empty window",
      "layer (convolution): a 0×1 window does not fit into a 4×4 map: "
        + "the image is too small for this model"
    ) {
      try infer([1, 1, 4, 4], weights: [[1, 1, 0, 1]]) {
        $0.convolution($1[0], weight: $1[1], label: "layer")
      }
    },
    SentenceCase(
      "stride beyond counting",
      "layer (convolution): the stride of \(Int.max) is too large; the most is 2147483647"
    ) { try infer(geometry: WindowGeometry(stride: Size2D(height: 1, width: .max))) },
    SentenceCase(
      "dilation beyond counting",
      "layer (convolution): the dilation of \(Int.max) is too large; the most is 2147483647"
    ) { try infer(geometry: WindowGeometry(dilation: Size2D(height: .max, width: 1))) },
    SentenceCase(
      "padding beyond counting",
      "layer (convolution): the padding of \(Int.max) is too large; the most is 2147483647"
    ) {
      try infer(
        geometry: WindowGeometry(padding: Padding(top: 0, left: 0, bottom: 0, right: .max)))
    },
    SentenceCase(
      "padded beyond counting",
      "layer (convolution): a 1×1×4294967296×2 tensor is too large; the most is 2147483647 numbers"
    ) {
      let most = Int(Int32.max)
      try infer(
        geometry: WindowGeometry(padding: Padding(top: most, left: 0, bottom: most, right: 0)))
    },
    SentenceCase(
      "dilated beyond the image",
      "layer (convolution): a 3×3 window does not fit into a 4×4 map: "
        + "the image is too small for this model"
    ) { try infer(geometry: WindowGeometry(dilation: Size2D(height: 1, width: 1 << 30))) },
    SentenceCase(
      "window beyond counting",
      "layer (pooling): a \(Int.max)×1 window does not fit into a 4×4 map: "
        + "the image is too small for this model"
    ) {
      try infer([1, 1, 4, 4]) {
        $0.pooling(
          .maximum, $1[0], window: Size2D(height: .max, width: 1), WindowGeometry(dilation: 2),
          label: "layer")
      }
    },
    SentenceCase(
      "small image, pooled",
      "layer (pooling): a 2×2 window does not fit into a 1×1 map: "
        + "the image is too small for this model"
    ) {
      try infer([1, 1, 1, 1]) { builder, values in
        builder.pooling(.average, values[0], window: 2, WindowGeometry(), label: "layer")
      }
    },
    SentenceCase(
      "mean of nothing",
      "layer (spatialMean): a 1×1 window does not fit into a 0×4 map: "
        + "the image is too small for this model"
    ) { try infer([1, 1, 0, 4]) { $0.spatialMean($1[0], label: "layer") } },
    SentenceCase("norm channels", "layer (batchNorm): the number of channels is 3, must be 2") {
      try infer([1, 2, 4, 4], weights: [[2], [2], [3], [2]]) {
        $0.batchNorm(
          $1[0], gamma: $1[1], beta: $1[2], mean: $1[3], variance: $1[4], label: "layer")
      }
    },
    SentenceCase(
      "affine rank", "layer (channelAffine): a 2×1 tensor has 2 dimensions, 1 are needed"
    ) {
      try infer([1, 2, 4, 4], weights: [[2], [2, 1]]) {
        $0.add(.channelAffine(ChannelAffine(activation: .identity)), $1, label: "layer")
      }
    },
    SentenceCase("broadcast", "layer (binary): 1×2×4×4 and 3 do not broadcast") {
      try infer([1, 2, 4, 4], weights: [[3]]) { $0.binary(.add, $1[0], $1[1], label: "layer") }
    },
    SentenceCase(
      "concatenation", "layer (concatenation): 1×2×4×4 and 1×3×4×5 differ in more than axis 1"
    ) {
      try infer([1, 2, 4, 4], weights: [[1, 3, 4, 5]]) { $0.concatenation($1, label: "layer") }
    },
    SentenceCase(
      "concatenation rank", "layer (concatenation): a 3 tensor has 1 dimensions, 4 are needed"
    ) { try infer([1, 2, 4, 4], weights: [[3]]) { $0.concatenation($1, label: "layer") } },
    SentenceCase("axis", "layer (concatenation): there is no axis 4 in 4 dimensions") {
      try infer([1, 2, 4, 4]) { $0.concatenation($1, axis: 4, label: "layer") }
    },
    SentenceCase("negative axis", "layer (concatenation): there is no axis -1 in 4 dimensions") {
      try infer([1, 2, 4, 4]) { $0.concatenation($1, axis: -1, label: "layer") }
    },
    SentenceCase("reshape", "layer (reshape): 1×2×4×4 cannot become 31") {
      try infer([1, 2, 4, 4]) { $0.reshape($1[0], to: [31], label: "layer") }
    },
    SentenceCase(
      "reshape beyond counting",
      "layer (reshape): 1×1×1×1 cannot become \(Int.max)×3"
    ) { try infer([1, 1, 1, 1]) { $0.reshape($1[0], to: [.max, 3], label: "layer") } },
    SentenceCase("linear rank", "layer (linear): a 1×2×4×4 tensor has 4 dimensions, 2 are needed") {
      try infer([1, 2, 4, 4], weights: [[3, 2], [3]]) {
        $0.linear($1[0], weight: $1[1], bias: $1[2], label: "layer")
      }
    },
    SentenceCase("linear features", "layer (linear): the number of features is 2, must be 5") {
      try infer([1, 2, 4, 4], weights: [[3, 5], [3]]) {
        let features = $0.spatialMean($1[0], label: "mean")
        return $0.linear(features, weight: $1[1], bias: $1[2], label: "layer")
      }
    },
    SentenceCase("linear bias", "layer (linear): the length of the bias is 4, must be 3") {
      try infer([1, 2, 4, 4], weights: [[3, 2], [4]]) {
        let features = $0.spatialMean($1[0], label: "mean")
        return $0.linear(features, weight: $1[1], bias: $1[2], label: "layer")
      }
    },
    SentenceCase(
      "extent beyond counting",
      "image (input): a 1×1×\(Int.max)×1 tensor is too large; the most is 2147483647 numbers"
    ) {
      try infer([1, 1, .max, 1], weights: [[1, 1, 7, 7]]) {
        $0.convolution($1[0], weight: $1[1], WindowGeometry(padding: 3), label: "layer")
      }
    },
    SentenceCase(
      "empty but endless",
      "image (input): a 0×1×\(Int.max)×1 tensor is too large; the most is 2147483647 numbers"
    ) { try infer([0, 1, .max, 1]) { $1[0] } },
    SentenceCase(
      "product beyond counting",
      "image (input): a 1×2×\(1 << 62)×2 tensor is too large; the most is 2147483647 numbers"
    ) { try infer([1, 2, 1 << 62, 2]) { $1[0] } },
    SentenceCase(
      "large result",
      "layer (convolution): a 1×8×30000×30000 tensor is too large; the most is 2147483647 numbers"
    ) {
      try infer([1, 1, 30000, 30000], weights: [[8, 1, 1, 1]]) {
        $0.convolution($1[0], weight: $1[1], label: "layer")
      }
    },
    SentenceCase(
      "large weight",
      "w0 (parameter): a 65536×32768 tensor is too large; the most is 2147483647 numbers"
    ) { try infer([1, 1, 1, 1], weights: [[65536, 32768]]) { $1[0] } },
  ]
}
