import CKernels

/// Shapes for the convolutions, another for each of `indices`.
///
/// Height, width, inputs and outputs
/// run through 1...33 with steps that have no factor in common with 33, so that every 33 shapes
/// meet each size once; all else is drawn.
enum ConvolutionShapes {
  static let indices = 0..<4 * 33
  private static let fills: [Convolution.Fill] = [
    .plain, .plain, .plain, .offset, .denormal, .poisoned,
  ]

  static func shape(_ kernel: Convolution.Kernel, _ index: Int, bf16: Bool) -> Convolution {
    let stream = "\(kernel.rawValue)/\(index)"
    var draw = Draw(stream)
    let round = index / 33
    func size(_ step: Int) -> Int { (index * step + round * 5) % 33 + 1 }
    // Every ninth shape has more blocks than two.
    func channels(_ step: Int) -> Int { index % 9 == 4 ? draw.one(of: [48, 80, 49]) : size(step) }
    var (inputs, outputs, groups) = (channels(10), channels(13), 1)
    switch kernel {
    case .depthwise: (inputs, outputs, groups) = (1, 1, inputs)
    // Groups of whole blocks.
    case .direct where index % 5 == 0:
      (inputs, outputs) = (draw.one(of: [16, 32]), draw.one(of: [16, 32]))
      groups = 2 + draw.below(2)
    default: break
    }
    let window = window(kernel, channels: inputs, (size(1), size(7)), &draw)
    let fill = draw.one(of: fills)
    let takesMore = fill != .denormal
    let prologue =
      kernel == .pointwise && takesMore ? draw.one(of: Convolution.Prologue.allCases) : .none
    let hasResidual = takesMore && draw.below(2) == 0
    return Convolution(
      kernel, window, groups: groups, outputs: outputs, bf16: bf16, relu: draw.below(2) == 0,
      prologue: prologue, hasResidual: hasResidual, fill: fill, stream: stream)
  }

  /// Windows, strides, dilations and paddings, each axis its own.
  ///
  /// The far side's padding is what
  /// the size of the result asks for: more than the near side's, or none and a few pixels that no
  /// window meets.
  static func window(
    _ kernel: Convolution.Kernel?, channels: Int, _ image: (height: Int, width: Int),
    _ draw: inout Draw
  ) -> zoo_window {
    func axis(_ extent: Int) -> (side: Int, stride: Int, padding: Int, dilation: Int, out: Int) {
      // A stride over the window, or over the image, is among them.
      var stride = draw.one(of: [1, 1, 1, 2, 2, 3, 3, 5])
      var (side, dilation) = (draw.one(of: [1, 2, 3, 3, 5, 7]), draw.one(of: [1, 1, 2, 3, 4]))
      var padding = draw.below(5)
      if kernel == .pointwise { (side, dilation, padding) = (1, 1, 0) }
      if kernel == .winograd { (side, stride) = (3, 1) }
      let reach = dilation * (side - 1) + 1
      var far = kernel == .pointwise ? 0 : draw.below(8) - 3
      far = max(far, reach - extent - padding)
      return (side, stride, padding, dilation, (extent + padding + far - reach) / stride + 1)
    }
    let (y, x) = (axis(image.height), axis(image.width))
    return zoo_window(
      channels: channels, height: image.height, width: image.width, window_height: y.side,
      window_width: x.side, stride_y: y.stride, stride_x: x.stride, padding_y: y.padding,
      padding_x: x.padding, dilation_y: y.dilation, dilation_x: x.dilation, out_height: y.out,
      out_width: x.out)
  }
}
