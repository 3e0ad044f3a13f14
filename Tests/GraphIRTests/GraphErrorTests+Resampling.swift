import GraphIR
import TestSupport

extension GraphErrorTests {
  /// Infers shapes of a transposed 3×3 convolution from 4 channels to 2 in each group.
  private static func transpose(
    _ op: TransposedConvolution, image: Shape = [1, 4, 5, 5], weight: Shape = [4, 2, 3, 3],
    bias: Shape? = nil
  ) throws {
    try infer(image, weights: [weight] + (bias.map { [$0] } ?? [])) {
      $0.add(.transposedConvolution(op), $1, label: "layer")
    }
  }

  private static func resize(_ target: Resize.Target, image: Shape = [1, 1, 4, 5]) throws {
    try infer(image) { $0.resize($1[0], .nearest, to: target, label: "layer") }
  }

  static let resamplingCases =
    transposedCases + resizeCases + [
      SentenceCase("reduced axis", "layer (reduction): there is no axis 4 in 4 dimensions") {
        try infer([1, 2, 4, 4]) { $0.reduction(.sum, $1[0], axes: [1, 4], label: "layer") }
      },
      SentenceCase("negative axis", "layer (reduction): there is no axis -1 in 4 dimensions") {
        try infer([1, 2, 4, 4]) { $0.reduction(.sum, $1[0], axes: [-1], label: "layer") }
      },
      SentenceCase("groups", "layer (groupNorm): 6 channels do not divide into 4 groups") {
        try infer([1, 6, 4, 4], weights: [[6], [6]]) {
          $0.groupNorm(
            $1[0], gamma: $1[1], beta: $1[2], groups: 4, epsilon: 0, label: "layer")
        }
      },
      SentenceCase("gamma", "layer (groupNorm): the number of channels is 5, must be 6") {
        try infer([1, 6, 4, 4], weights: [[5], [6]]) {
          $0.groupNorm(
            $1[0], gamma: $1[1], beta: $1[2], groups: 3, epsilon: 0, label: "layer")
        }
      },
      SentenceCase("pixels", "layer (pixelAxis): the number of pixels is 15, must be 16") {
        try infer([1, 6, 4, 4], weights: [[1, 6, 15]]) {
          $0.rows(of: $1[1], like: $1[0], label: "layer")
        }
      },
      SentenceCase("divisor", "layer (binary): 1×2×4×4 and 3 do not broadcast") {
        try infer([1, 2, 4, 4], weights: [[3]]) {
          $0.binary(.divide, $1[0], $1[1], label: "layer")
        }
      },
    ]

  private static let transposedCases = [
    SentenceCase(
      "transposed channels", "layer (transposedConvolution): the number of channels is 3, must be 4"
    ) { try transpose(TransposedConvolution(), image: [1, 3, 5, 5]) },
    SentenceCase(
      "transposed groups", "layer (transposedConvolution): 4 channels do not divide into 3 groups"
    ) { try transpose(TransposedConvolution(groups: 3)) },
    SentenceCase(
      "groups beyond counting",
      "layer (transposedConvolution): the number of groups of \(Int.max) is too large; "
        + "the most is 2147483647"
    ) {
      try transpose(
        TransposedConvolution(groups: .max), image: [1, 0, 5, 5], weight: [0, 2, 3, 3])
    },
    SentenceCase(
      "groups of a convolution beyond counting",
      "layer (convolution): the number of groups of \(Int.max) is too large; "
        + "the most is 2147483647"
    ) {
      try infer([1, 0, 4, 4], weights: [[0, 2, 1, 1]]) {
        $0.convolution($1[0], weight: $1[1], groups: .max, label: "layer")
      }
    },
    SentenceCase(
      "transposed bias", "layer (transposedConvolution): the length of the bias is 2, must be 4"
    ) { try transpose(TransposedConvolution(groups: 2), bias: [2]) },
    SentenceCase(
      "transposed weight",
      "layer (transposedConvolution): a 4×2×3 tensor has 3 dimensions, 4 are needed"
    ) { try transpose(TransposedConvolution(), weight: [4, 2, 3]) },
    SentenceCase(
      "output padding",
      "layer (transposedConvolution): an output padding of 0×2 is not less than the stride 2×2 "
        + "or dilation 3×1"
    ) {
      try transpose(
        TransposedConvolution(
          geometry: WindowGeometry(stride: 2, dilation: Size2D(height: 3, width: 1)),
          outputPadding: Size2D(height: 0, width: 2)))
    },
    SentenceCase(
      "cut away", "layer (transposedConvolution): the padding leaves nothing of a 1×5 map"
    ) {
      try transpose(
        TransposedConvolution(
          geometry: WindowGeometry(padding: Padding(top: 2, left: 0, bottom: 1, right: 0))),
        image: [1, 4, 1, 5])
    },
    SentenceCase(
      "nothing to transpose",
      "layer (transposedConvolution): a 3×3 window does not fit into a 5×0 map: "
        + "the image is too small for this model"
    ) { try transpose(TransposedConvolution(), image: [1, 4, 5, 0]) },
    SentenceCase(
      "transposed stride beyond counting",
      "layer (transposedConvolution): the stride of \(Int.max) is too large; "
        + "the most is 2147483647"
    ) {
      try transpose(
        TransposedConvolution(geometry: WindowGeometry(stride: Size2D(height: 1, width: .max))))
    },
    SentenceCase(
      "large transposed result",
      "layer (transposedConvolution): a 1×2×8589934592×7 tensor is too large; "
        + "the most is 2147483647 numbers"
    ) {
      let most = Int(Int32.max)
      try transpose(
        TransposedConvolution(
          geometry: WindowGeometry(
            stride: Size2D(height: most, width: 1),
            padding: Padding(top: 0, left: 0, bottom: 0, right: 0)),
          outputPadding: Size2D(height: 1, width: 0)))
    },
  ]

  private static let resizeCases = [
    SentenceCase("resized to nothing", "layer (resize): a 4×5 map cannot be resized to 0×5") {
      try resize(.size(Size2D(height: 0, width: 5)))
    },
    SentenceCase("resized below nothing", "layer (resize): a 4×5 map cannot be resized to 5×-1") {
      try resize(.size(Size2D(height: 5, width: -1)))
    },
    SentenceCase("scaled to nothing", "layer (resize): a 4×5 map cannot be resized by 0.2×1.0") {
      try resize(.scale(height: 0.2, width: 1))
    },
    SentenceCase("scaled by no number", "layer (resize): a 4×5 map cannot be resized by 1.0×nan") {
      try resize(.scale(height: 1, width: .nan))
    },
    SentenceCase("mirrored", "layer (resize): a 4×5 map cannot be resized by -1.0×1.0") {
      try resize(.scale(height: -1, width: 1))
    },
    SentenceCase("scaled beyond all", "layer (resize): a 4×5 map cannot be resized by inf×1.0") {
      try resize(.scale(height: .infinity, width: 1))
    },
    SentenceCase("nothing to resize", "layer (resize): a 0×5 map cannot be resized to 3×3") {
      try resize(.size(3), image: [1, 1, 0, 5])
    },
    SentenceCase(
      "resized beyond counting",
      "layer (resize): a 1×1×\(Int.max)×2 tensor is too large; the most is 2147483647 numbers"
    ) { try resize(.size(Size2D(height: .max, width: 2))) },
    SentenceCase(
      "scaled beyond counting",
      "layer (resize): a 1×1×100000×100000 tensor is too large; the most is 2147483647 numbers"
    ) { try resize(.scale(height: 25000, width: 20000)) },
  ]
}
