import CKernels

/// Parts of transposed convolutions against plain sums.
let transposedCases = (0..<99).flatMap { index in
  [false, true].map { bf16 in
    LazyBlockCase(kernel: "convolve_transposed") {
      let test = TransposedCase(index, inBlocks: true, bf16: bf16)
      var draw = Draw("transposed/part/\(index)")
      let work = test.work(bf16: bf16)
      let part = Rectangle(
        units: draw.part(of: work.units, atMost: work.units),
        blocks: draw.part(of: work.blocks, atMost: work.blocks))
      return BlockCase(
        kernel: "convolve_transposed", name: "\(test.name) \(bf16 ? "bf16" : "f32")", work: work,
        rectangle: part, expected: test.expected(part))
    }
  }
}

extension TransposedCase {
  fileprivate func expected(_ part: Rectangle) -> [Expected] {
    let results = Layout16(channels: outputs)
    let plane = window.outPlane
    var expected = [Expected](repeating: .untouched, count: groups * results.count * plane)
    let sums = sums
    let blocks = part.blocks.first..<part.blocks.first + part.blocks.count
    let steps = part.units.first..<part.units.first + part.units.count
    for channel in 0..<groups * results.count where blocks.contains(channel / 16) {
      let (group, output) = (channel / results.count, channel % results.count)
      for pixel in 0..<plane where steps.contains(pixel / window.out_width / window.stride_y) {
        let at = results.index(channel, pixel, plane: plane)
        // What fills up a block meets weights of zero.
        guard output < outputs else {
          expected[at] = sums.values.allSatisfy(\.isFinite) ? .exactly(0) : .anything
          continue
        }
        let index = (group * outputs + output) * plane + pixel
        let (value, allowed) = (sums.values[index], allowed(sums.magnitudes[index]))
        let clamp = { (bound: Double) in self.relu ? max(0, bound) : bound }
        expected[at] =
          value.isFinite
          ? .within(clamp(value - allowed), clamp(value + allowed))
          : .exactly(relu && value < 0 ? 0 : Float(value))
      }
    }
    return expected
  }

  fileprivate func work(bf16: Bool) -> BlockWork {
    let perGroup = Layout16(channels: window.channels)
    let results = Layout16(channels: outputs)
    let source = Numbers(
      perGroup.blocked(image.values, plane: window.plane, groups: groups), bf16: bf16)
    return BlockWork(
      operands: [
        source, packedWeight(bf16: bf16), Numbers(results.blocked(bias, plane: 1, groups: groups)),
      ],
      before: .canaries(groups * results.count * window.outPlane, bf16: bf16),
      units: (window.out_height + window.stride_y - 1) / window.stride_y,
      blocks: groups * results.count / 16,
      scratch: { steps in
        var convolution = described(bf16: bf16)
        return zoo_transposed_scratch(&convolution, steps)
      },
      call: { table, memory, part in
        var convolution = described(bf16: bf16)
        convolution.weight = UnsafeRawPointer(memory.operands[1])
        convolution.bias = UnsafePointer(memory.floats(2))
        table.convolve_transposed(
          &convolution, memory.operands[0], memory.result, part.units, part.blocks,
          memory.scratch)
      })
  }

  private func packedWeight(bf16: Bool) -> Numbers {
    var filter = zoo_filter(
      outputs: outputs, channels: window.channels, height: window.window_height,
      width: window.window_width)
    var window = window
    let range = zoo_range(first: 0, count: zoo_blocks(outputs))
    let inputs = Layout16(channels: window.channels).count
    let count = range.count * 16 * inputs * window.tapCount
    let source = window.channels * outputs * window.tapCount
    var packed: [Float] = []
    for group in 0..<groups {
      let values = Array(weight.values[group * source..<(group + 1) * source])
      if bf16 {
        var halves = [UInt16](repeating: .max, count: count)
        zoo_pack_transposed(&halves, values, &filter, &window, range, true)
        packed += halves.map(zoo_f32)
      } else {
        var part = [Float](repeating: .nan, count: count)
        zoo_pack_transposed(&part, values, &filter, &window, range, false)
        packed += part
      }
    }
    return Numbers(packed, bf16: bf16)
  }
}
