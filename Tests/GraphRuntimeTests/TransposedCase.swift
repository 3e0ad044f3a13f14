import CKernels

/// A transposed convolution with numbers drawn for it, in plain layouts.
struct TransposedCase: Sendable {
  let window: zoo_window
  let groups, outputs: Int
  let relu: Bool
  let image, weight: Numbers
  let bias: [Float]

  var outputCount: Int { groups * outputs }
  var name: String {
    let w = window
    return "\(w.window_height)x\(w.window_width) stride \(w.stride_y),\(w.stride_x) padding "
      + "\(w.padding_y),\(w.padding_x) dilation \(w.dilation_y),\(w.dilation_x) over "
      + "\(w.channels)x\(w.height)x\(w.width) to \(outputs)x\(w.out_height)x\(w.out_width) groups "
      + "\(groups) relu \(relu)"
  }

  /// The case of a number; `inBlocks` makes its groups of whole blocks.
  init(_ index: Int, inBlocks: Bool, bf16: Bool) {
    let stream = "transposed/\(index)"
    var draw = Draw(stream)
    func axis(_ extent: Int) -> (side: Int, stride: Int, padding: Int, dilation: Int, out: Int) {
      let (side, stride) = (draw.one(of: [1, 2, 3, 3, 4, 7]), draw.one(of: [1, 2, 2, 3, 5]))
      let dilation = draw.one(of: [1, 1, 1, 2, 3])
      let whole = (extent - 1) * stride + dilation * (side - 1) + 1
      // From none to so much that taps are cropped on either side, and rows that nothing reaches.
      let padding = min(draw.below(6), whole - 1)
      let behind = draw.below(4) - 2
      return (side, stride, padding, dilation, max(1, whole - padding + behind))
    }
    func size(_ step: Int) -> Int { (index * step + index / 33 * 5) % 33 + 1 }
    var (inputs, outputs, groups) = (size(10), size(13), 1)
    if index % 4 == 0 {
      groups = 2 + draw.below(2)
      if inBlocks { (inputs, outputs) = (draw.one(of: [16, 32]), draw.one(of: [16, 32])) }
    }
    let (height, width) = (1 + size(1) % 12, size(7))
    let (y, x) = (axis(height), axis(width))
    window = zoo_window(
      channels: inputs, height: height, width: width, window_height: y.side,
      window_width: x.side, stride_y: y.stride, stride_x: x.stride, padding_y: y.padding,
      padding_x: x.padding, dilation_y: y.dilation, dilation_x: x.dilation, out_height: y.out,
      out_width: x.out)
    (self.groups, self.outputs, relu) = (groups, outputs, draw.below(2) == 0)
    let fill = draw.one(of: [Convolution.Fill.plain, .plain, .offset, .poisoned])
    image = Numbers(
      fill.values("\(stream)/image", groups * inputs * height * width), bf16: bf16)
    weight = Numbers(
      Operand.plain("\(stream)/weight", groups * inputs * outputs * y.side * x.side), bf16: bf16)
    bias = Operand.plain("\(stream)/bias", groups * outputs)
  }

  /// The sums of all products and of their magnitudes, `[output][pixel]`, made as the definition
  /// has it: each pixel adds its window to the result.
  var sums: (values: [Double], magnitudes: [Double]) {
    let plane = window.outPlane
    var values = [Double](repeating: 0, count: outputCount * plane)
    for output in 0..<outputCount {
      for pixel in 0..<plane { values[output * plane + pixel] = Double(bias[output]) }
    }
    var magnitudes = values.map { abs($0) }
    for input in 0..<groups * window.channels {
      for y in 0..<window.height {
        for x in 0..<window.width {
          let number = Double(image.values[(input * window.height + y) * window.width + x])
          for output in 0..<outputs {
            for tap in 0..<window.tapCount {
              let (ky, kx) = (tap / window.window_width, tap % window.window_width)
              let row = y * window.stride_y + ky * window.dilation_y - window.padding_y
              let column = x * window.stride_x + kx * window.dilation_x - window.padding_x
              guard 0..<window.out_height ~= row, 0..<window.out_width ~= column else { continue }
              let channel = input / window.channels * outputs + output
              let at = channel * plane + row * window.out_width + column
              let factor = Double(
                weight.values[(input * outputs + output) * window.tapCount + tap])
              values[at] += number * factor
              magnitudes[at] += abs(number * factor)
            }
          }
        }
      }
    }
    return (values, magnitudes)
  }

  /// The worst that float32 can do to a sum in any order: a rounding for each product, the bias,
  /// and the sum in double itself.
  func allowed(_ magnitude: Double) -> Double {
    Double(window.channels * window.tapCount + 3) * Double(roundingUnit) * magnitude
  }

  /// Everything but the pointers.
  func described(bf16: Bool) -> zoo_convolution {
    var convolution = zoo_convolution()
    convolution.window = window
    convolution.groups = groups
    convolution.outputs = outputs
    convolution.relu = relu
    convolution.bf16 = bf16
    return convolution
  }
}

let transposedPlanarCases = (0..<66).map { index in
  let test = TransposedCase(index, inBlocks: false, bf16: false)
  let (hasBias, part) = (index % 3 > 0, index % 5 == 0 ? test.outputCount / 2 : 0)
  let allowed = test.sums.magnitudes.map { Float(test.allowed($0)) }
  return KernelCase(
    "convolve_transposed_planar", "\(test.name) bias \(hasBias)", output: allowed.count,
    allowed: allowed
  ) { table, out in
    var convolution = test.described(bf16: false)
    test.weight.values.withUnsafeBufferPointer { weight in
      test.bias.withUnsafeBufferPointer { bias in
        convolution.weight = UnsafeRawPointer(weight.baseAddress)
        convolution.bias = hasBias ? bias.baseAddress : nil
        table.convolve_transposed_planar(
          &convolution, test.image.values, out,
          zoo_range(first: part, count: test.outputCount - part))
      }
    }
  }
}
