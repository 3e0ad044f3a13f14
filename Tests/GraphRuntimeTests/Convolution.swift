import CKernels
import TestSupport

/// A convolution that one of the kernels can compute, with numbers drawn for it.
struct Convolution: Sendable {
  enum Kernel: String, CaseIterable, Sendable {
    case pointwise = "convolve_pointwise"
    case direct = "convolve_direct"
    case planar = "convolve_planar"
    case depthwise = "convolve_depthwise"
    case winograd = "convolve_winograd"
  }

  enum Prologue: CaseIterable, Sendable { case none, affine, relu }

  /// What the image's numbers are like.
  enum Fill: CaseIterable, Sendable {
    case plain
    /// 1000 +- 1: sums that nearly cancel.
    case offset
    /// Smaller than any normal number, as are the results.
    case denormal
    /// Some infinities and NaN.
    case poisoned
  }

  let kernel: Kernel
  let window: zoo_window
  let groups: Int
  let outputs: Int
  let isBFloat16: Bool
  let relu: Bool
  let prologue: Prologue
  let fill: Fill

  // Plain layouts: [channel][row][column], [output][channel of the group][row][column].
  let image: Numbers
  let weight: Numbers
  let bias, scale, shift: [Float]
  let residual: Numbers?

  init(
    _ kernel: Kernel, _ window: zoo_window, groups: Int = 1, outputs: Int, bf16: Bool,
    relu: Bool = false, prologue: Prologue = .none, hasResidual: Bool = false, fill: Fill = .plain,
    stream: String
  ) {
    self.kernel = kernel
    self.window = window
    self.groups = groups
    self.outputs = outputs
    isBFloat16 = bf16
    self.relu = relu
    self.prologue = prologue
    self.fill = fill
    let (inputCount, outputCount) = (groups * window.channels, groups * outputs)
    let results = window.out_height * window.out_width
    image = Numbers(
      fill.values("\(stream)/image", inputCount * window.height * window.width),
      bf16: bf16 && kernel != .planar)
    weight = Numbers(
      Operand.plain("\(stream)/weight", outputCount * window.channels * window.tapCount),
      bf16: bf16 && (kernel == .pointwise || kernel == .direct))
    bias =
      fill == .denormal
      ? Array(repeating: 0, count: outputCount) : Operand.plain("\(stream)/bias", outputCount)
    // In bfloat16 the prologue's result is rounded: it must be exact before, or a fused
    // multiply-add may round to the other neighbour. Hence multiples of 1/16 and 1/64.
    let grid = { (value: Float, steps: Float) in bf16 ? (value * steps).rounded() / steps : value }
    scale = Operand.plain("\(stream)/scale", inputCount).map { grid($0 + 1.5, 16) }
    shift = Operand.plain("\(stream)/shift", inputCount).map { grid($0, 64) }
    residual =
      hasResidual
      ? Numbers(
        fill == .poisoned
          ? fill.values("\(stream)/residual", outputCount * results)
          : Operand.plain("\(stream)/residual", outputCount * results), bf16: bf16) : nil
  }

  var inputCount: Int { groups * window.channels }
  var outputCount: Int { groups * outputs }

  /// Pixels, rows or tiles.
  var units: Int {
    var window = window
    switch kernel {
    case .pointwise: return window.out_height * window.out_width
    case .winograd: return zoo_winograd_tiles(&window)
    case .direct, .planar, .depthwise: return window.out_height
    }
  }

  /// Blocks that a call may make; Winograd's makes all.
  var blocks: Int { kernel == .depthwise ? zoo_blocks(groups) : groups * zoo_blocks(outputs) }

  var name: String {
    let w = window
    return "\(w.window_height)x\(w.window_width) stride \(w.stride_y),\(w.stride_x) padding "
      + "\(w.padding_y),\(w.padding_x) dilation \(w.dilation_y),\(w.dilation_x) over "
      + "\(w.channels)x\(w.height)x\(w.width) to \(outputs)x\(w.out_height)x\(w.out_width) groups "
      + "\(groups) \(isBFloat16 ? "bf16" : "f32") \(fill) prologue \(prologue) relu \(relu) "
      + "residual \(residual != nil)"
  }
}

extension Convolution.Fill {
  func values(_ stream: String, _ count: Int) -> [Float] {
    let plain = Operand.plain(stream, count)
    switch self {
    case .plain: return plain
    case .offset: return plain.map { 1000 + $0 }
    case .denormal: return plain.map { $0 * 0x1p-126 }
    case .poisoned:
      var values = plain
      var draw = Draw("\(stream)/poison")
      for poison in [Float.nan, .infinity, -.infinity].prefix(1 + draw.below(3)) {
        values[draw.below(count)] = poison
      }
      return values
    }
  }
}

extension zoo_window {
  var tapCount: Int { window_height * window_width }
  var plane: Int { height * width }
  var outPlane: Int { out_height * out_width }

  /// Where a tap of a result lies in the image, or nil where it meets padding.
  func pixel(_ y: Int, _ x: Int, _ ky: Int, _ kx: Int) -> Int? {
    let row = y * stride_y + ky * dilation_y - padding_y
    let column = x * stride_x + kx * dilation_x - padding_x
    guard 0..<height ~= row, 0..<width ~= column else { return nil }
    return row * width + column
  }
}
