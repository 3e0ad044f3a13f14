import CKernels

extension Convolution {
  /// What a call for one part must make, from sums in double over the plain layouts.
  ///
  /// A result may be off by the worst that float32 can do to a sum of n products in any order:
  /// each addition, the bias, the residual and the products themselves cost a rounding of at most
  /// the sum of all magnitudes, n + 3 in all, and a prologue two more. Results in bfloat16 are any
  /// number of that range, rounded once. Denormal products have an absolute error instead.
  ///
  /// Winograd's method has the same bound with magnitudes taken over the 6x6 pixels under a tile,
  /// times `winogradFactor`. A tile with an infinity or NaN under it is spoilt as a whole.
  func expected(_ part: Rectangle) -> [Expected] {
    let results = Layout16(channels: outputCount)
    var expected = [Expected](repeating: .untouched, count: results.count * window.outPlane)
    let sums = Sums(self)
    let blocks = part.blocks.first..<part.blocks.first + part.blocks.count
    for unit in part.units.first..<part.units.first + part.units.count {
      let pixels = pixels(of: unit)
      let patch = kernel == .winograd ? Patch(self, pixels[0]) : nil
      for pixel in pixels {
        let (y, x) = (pixel.y, pixel.x)
        guard y < window.out_height, x < window.out_width else { continue }
        for channel in blocks.lowerBound * 16..<blocks.upperBound * 16 {
          let at = results.index(channel, y * window.out_width + x, plane: window.outPlane)
          expected[at] = result(channel, y, x, sums, patch)
        }
      }
    }
    return expected
  }

  /// With the factor 1 the worst of these cases reaches between 0.4 and 0.5 of the bound.
  ///
  /// Winograd's method adds 36 sums with factors up to 8 where the direct one adds nine products.
  static let winogradFactor = 1.0

  private func result(
    _ channel: Int, _ y: Int, _ x: Int, _ sums: Sums, _ patch: Patch?
  ) -> Expected {
    var (value, magnitude) = sums.sum(channel, y, x)
    let isReal = channel < outputCount
    if isReal {
      let added = residual?.values[channel * window.outPlane + y * window.out_width + x] ?? 0
      value += Double(bias[channel]) + Double(added)
      if let patch { magnitude = patch.magnitude(channel) }
      magnitude += Double(abs(bias[channel])) + Double(abs(added))
    }
    if let patch, !patch.isFinite {
      return value.isFinite || relu && value < 0 ? .anything : .notFinite
    }
    guard value.isFinite else { return .exactly(relu && value < 0 ? 0 : Float(value)) }
    let products = window.channels * window.tapCount
    let roundings = Double(products + (prologue == .none ? 3 : 5))
    let factor = patch == nil ? 1 : Self.winogradFactor
    let floor = patch == nil ? 0x1p-149 : 64 * 0x1p-149
    let allowed = isReal ? roundings * (factor * 0x1p-24 * magnitude + floor) : 0
    let clamp = { (bound: Double) in relu ? max(0, bound) : bound }
    return .within(clamp(value - allowed), clamp(value + allowed))
  }

  /// The results of a unit, a tile's with those that lie outside the image.
  func pixels(of unit: Int) -> [(y: Int, x: Int)] {
    switch kernel {
    case .pointwise: return [(unit / window.out_width, unit % window.out_width)]
    case .direct, .planar, .depthwise: return (0..<window.out_width).map { (unit, $0) }
    case .winograd:
      let (dy, dx) = (window.dilation_y, window.dilation_x)
      let down = ((window.out_height + dy - 1) / dy + 3) / 4
      let across = ((window.out_width + dx - 1) / dx + 3) / 4
      let (remainder, tile) = (unit / (down * across), unit % (down * across))
      let top = tile / across * 4 * dy + remainder / dx
      let left = tile % across * 4 * dx + remainder % dx
      return (0..<16).map { (top + $0 / 4 * dy, left + $0 % 4 * dx) }
    }
  }
}

/// The plain sums of a convolution.
private struct Sums {
  let window: zoo_window
  let outputs, outputCount: Int
  let isDepthwise: Bool
  let weight: [Float]
  /// The image behind the prologue, and the size of what was added up for each number.
  let values, magnitudes: [Float]

  init(_ convolution: Convolution) {
    window = convolution.window
    outputs = convolution.outputs
    outputCount = convolution.outputCount
    isDepthwise = convolution.kernel == .depthwise
    weight = convolution.weight.values
    let image = convolution.image.values
    guard convolution.prologue != .none else {
      (values, magnitudes) = (image, image.map { abs($0) })
      return
    }
    let plane = window.plane
    let (scale, shift) = (convolution.scale, convolution.shift)
    magnitudes = image.indices.map { abs(image[$0] * scale[$0 / plane]) + abs(shift[$0 / plane]) }
    values =
      Numbers(
        image.indices.map { index in
          let value = image[index] * scale[index / plane] + shift[index / plane]
          return convolution.prologue == .relu && value < 0 ? 0 : value
        }, bf16: convolution.isBFloat16
      ).values
  }

  /// The sum of all products, and that of their magnitudes.
  ///
  /// Beyond the last output the weights are
  /// zeros, which infinities turn into NaN; a depthwise window lies over zeros there, too.
  func sum(_ channel: Int, _ y: Int, _ x: Int) -> (value: Double, magnitude: Double) {
    let isReal = channel < outputCount
    if !isReal, isDepthwise { return (0, 0) }
    let group = min(channel, outputCount - 1) / outputs
    var (value, magnitude) = (0.0, 0.0)
    for ky in 0..<window.window_height {
      for kx in 0..<window.window_width {
        guard let pixel = window.pixel(y, x, ky, kx) else { continue }
        for input in 0..<window.channels {
          let at = (group * window.channels + input) * window.plane + pixel
          let tap = ky * window.window_width + kx
          let factor =
            isReal
            ? Double(weight[(channel * window.channels + input) * window.tapCount + tap]) : 0
          value += Double(values[at]) * factor
          magnitude += Double(magnitudes[at]) * abs(factor)
        }
      }
    }
    return (value, magnitude)
  }
}

/// The 6x6 pixels under a tile of Winograd's method.
private struct Patch {
  /// The largest of each input.
  private let largest: [Double]
  private let weight: [Float]
  let isFinite: Bool

  init(_ convolution: Convolution, _ first: (y: Int, x: Int)) {
    let window = convolution.window
    let image = convolution.image.values
    let pixels = (0..<36).compactMap { window.pixel(first.y, first.x, $0 / 6, $0 % 6) }
    let magnitudes = (0..<window.channels).map { input in
      pixels.map { Double(abs(image[input * window.plane + $0])) }
    }
    isFinite = magnitudes.allSatisfy { $0.allSatisfy(\.isFinite) }
    largest = magnitudes.map { $0.max() ?? 0 }
    weight = convolution.weight.values
  }

  /// For each input its largest number times all taps.
  func magnitude(_ output: Int) -> Double {
    largest.indices.reduce(0) { sum, input in
      let start = (output * largest.count + input) * 9
      return sum + largest[input] * weight[start..<start + 9].reduce(0) { $0 + Double(abs($1)) }
    }
  }
}
