import CKernels

extension Convolution {
  private enum Place {
    static let image = 0, weight = 1, bias = 2, scale = 3, shift = 4, residual = 5
  }

  /// The operands as the kernel wants them, each exactly as long as the header says.
  var work: BlockWork {
    let (kernel, window, groups, outputs) = (kernel, window, groups, outputs)
    let (isBFloat16, relu, prologue, hasResidual) = (isBFloat16, relu, prologue, residual != nil)
    let perGroup = Layout16(channels: window.channels)
    let inputs = kernel == .depthwise ? Layout16(channels: groups) : perGroup
    let inputGroups = kernel == .depthwise ? 1 : groups
    let results = Layout16(channels: outputCount)
    let source =
      kernel == .planar
      ? image
      : Numbers(
        inputs.blocked(image.values, plane: window.plane, groups: inputGroups),
        bf16: isBFloat16)
    let perChannel = { (values: [Float]) in
      Numbers(inputs.blocked(values, plane: 1, groups: inputGroups))
    }
    let added = residual.map {
      Numbers(results.blocked($0.values, plane: window.outPlane), bf16: isBFloat16)
    }
    let described = { @Sendable (memory: BlockWork.Memory?) -> zoo_convolution in
      var result = zoo_convolution()
      result.window = window
      result.groups = groups
      result.outputs = outputs
      result.relu = relu
      result.bf16 = isBFloat16
      guard let memory else { return result }
      result.weight = UnsafeRawPointer(memory.operands[Place.weight])
      result.bias = UnsafePointer(memory.floats(Place.bias))
      if prologue != .none {
        result.scale = UnsafePointer(memory.floats(Place.scale))
        result.shift = UnsafePointer(memory.floats(Place.shift))
        result.prologue_relu = prologue == .relu
      }
      return result
    }
    return BlockWork(
      operands: [
        source, packedWeight, Numbers(results.blocked(bias, plane: 1)), perChannel(scale),
        perChannel(shift), added ?? Numbers([]),
      ],
      before: .canaries(results.count * window.outPlane, bf16: isBFloat16),
      units: units, blocks: blocks,
      scratch: { units in
        var convolution = described(nil)
        switch kernel {
        case .pointwise: return zoo_pointwise_scratch(&convolution)
        case .direct: return zoo_direct_scratch(&convolution, units)
        case .planar: return zoo_planar_scratch(&convolution, units)
        case .winograd: return zoo_winograd_scratch(&convolution, units)
        case .depthwise: return 0
        }
      },
      call: { table, memory, part in
        var convolution = described(memory)
        let image = UnsafeRawPointer(memory.operands[Place.image])
        let added = hasResidual ? UnsafeRawPointer(memory.operands[Place.residual]) : nil
        let (out, scratch) = (memory.result, memory.scratch)
        switch kernel {
        case .pointwise:
          table.convolve_pointwise(
            &convolution, image, out, added, part.units, part.blocks, scratch)
        case .direct:
          table.convolve_direct(&convolution, image, out, added, part.units, part.blocks, scratch)
        case .planar:
          table.convolve_planar(
            &convolution, memory.floats(Place.image), out, added, part.units, part.blocks, scratch)
        case .depthwise:
          table.convolve_depthwise(&convolution, image, out, added, part.units, part.blocks)
        case .winograd:
          table.convolve_winograd(
            &convolution, image, out, added, part.units, part.blocks, scratch)
        }
      })
  }

  /// All groups' weights in the kernel's order.
  private var packedWeight: Numbers {
    let isDepthwise = kernel == .depthwise
    var filter = zoo_filter(
      outputs: isDepthwise ? groups : outputs, channels: window.channels,
      height: window.window_height, width: window.window_width)
    let range = zoo_range(first: 0, count: zoo_blocks(filter.outputs))
    let points = kernel == .winograd ? 36 : window.tapCount
    let inputs =
      kernel == .planar || isDepthwise
      ? window.channels : Layout16(channels: window.channels).count
    let count = range.count * 16 * inputs * points
    let source = filter.outputs * window.channels * window.tapCount
    var packed: [Float] = []
    for group in 0..<(isDepthwise ? 1 : groups) {
      let values = Array(weight.values[group * source..<(group + 1) * source])
      var part = [Float](repeating: .nan, count: count)
      switch kernel {
      case .planar: zoo_pack_planar(&part, values, &filter, range)
      case .depthwise: zoo_pack_depthwise(&part, values, &filter, range)
      case .winograd: zoo_pack_winograd(&part, values, &filter, range)
      case .pointwise, .direct:
        if isBFloat16 {
          var halves = [UInt16](repeating: .max, count: count)
          zoo_pack_direct_bf16(&halves, values, &filter, range)
          part = halves.map(zoo_f32)
        } else {
          zoo_pack_direct(&part, values, &filter, range)
        }
      }
      packed += part
    }
    return Numbers(packed, bf16: weight.isBFloat16)
  }
}

/// Channels in blocks of sixteen, by plain index arithmetic.
struct Layout16 {
  let channels: Int

  /// Channels with those that fill up the last block.
  var count: Int { (channels + 15) / 16 * 16 }

  func index(_ channel: Int, _ pixel: Int, plane: Int) -> Int {
    (channel / 16 * plane + pixel) * 16 + channel % 16
  }

  /// `[channel][pixel]` in blocks, each group's from a block's start.
  func blocked(_ values: [Float], plane: Int, groups: Int = 1) -> [Float] {
    var result = [Float](repeating: 0, count: groups * count * plane)
    for group in 0..<groups {
      for channel in 0..<channels {
        for pixel in 0..<plane {
          result[group * count * plane + index(channel, pixel, plane: plane)] =
            values[(group * channels + channel) * plane + pixel]
        }
      }
    }
    return result
  }
}
