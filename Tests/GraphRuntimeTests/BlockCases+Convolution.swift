import CKernels

/// A drawn part of each shape, in both precisions.
let convolutionCases: [LazyBlockCase] = Convolution.Kernel.allCases.flatMap { kernel in
  ConvolutionShapes.indices.flatMap { index in
    [false, true].map { bf16 in
      LazyBlockCase(kernel: kernel.rawValue) {
        let convolution = ConvolutionShapes.shape(kernel, index, bf16: bf16)
        let work = convolution.work
        var draw = Draw("part/\(kernel.rawValue)/\(index)")
        // The plain loops take their time.
        let most = max(1, 1_000_000 / convolution.productsPerUnit)
        let units = draw.part(of: work.units, atMost: most)
        let blocks =
          kernel == .winograd
          ? 0..<work.blocks : draw.part(of: work.blocks, atMost: max(1, most / units.count))
        let part = Rectangle(units: units, blocks: blocks)
        return BlockCase(
          kernel: kernel.rawValue, name: convolution.name, work: work, rectangle: part,
          expected: convolution.expected(part), flushed: convolution.flushed)
      }
    }
  }
}

extension Convolution {
  /// About what a unit of one block costs the plain loops.
  fileprivate var productsPerUnit: Int {
    let (inputs, width) = ((window.channels + 15) / 16 * 16, window.out_width)
    switch kernel {
    case .pointwise: return 16 * inputs
    case .direct, .planar: return 16 * inputs * window.tapCount * width
    case .depthwise: return 16 * window.tapCount * width
    case .winograd: return 16 * inputs * 600 * blocks
    }
  }

  /// How far the flushing of denormals may move a result in bfloat16: for each product the smaller
  /// factor and the sum so far, each below the smallest normal number; weights are below 1.
  fileprivate var flushed: Double {
    Double(2 * (window.channels * window.tapCount + 2)) * 0x1p-126
  }
}
