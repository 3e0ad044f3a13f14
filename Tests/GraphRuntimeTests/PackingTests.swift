import CKernels
import Testing

/// The order of packed weights, as the header gives it, against plain index arithmetic.
struct PackingTests {
  struct Filter: Sendable, CustomTestStringConvertible {
    let outputs, channels, height, width: Int
    /// The blocks of outputs that one call packs.
    let blocks: Range<Int>

    var taps: Int { height * width }
    var inputBlocks: Int { (channels + 15) / 16 }
    var outputBlocks: Int { (outputs + 15) / 16 }
    var testDescription: String { "\(outputs)x\(channels)x\(height)x\(width) blocks \(blocks)" }

    var weight: [Float] {
      Operand.plain("packing/\(testDescription)", outputs * channels * taps)
    }

    /// Zero where there is no such output or input.
    func value(_ weight: [Float], _ output: Int, _ input: Int, _ tap: Int) -> Float {
      guard output < outputs, input < channels else { return 0 }
      return weight[(output * channels + input) * taps + tap]
    }

    /// What `pack` leaves in memory of so many numbers, weights and result ending where memory does.
    func packed(
      _ count: Int, bf16: Bool = false,
      _ pack: (UnsafeMutableRawPointer, UnsafePointer<Float>, UnsafePointer<zoo_filter>, zoo_range)
        -> Void
    ) -> [Float] {
      let (source, target) = (Numbers(weight), Numbers.canaries(count, bf16: bf16))
      let input = GuardedMemory(count: source.byteCount, against: .end)
      let output = GuardedMemory(count: target.byteCount, against: .end)
      source.write(to: input.bytes)
      target.write(to: output.bytes)
      var filter = zoo_filter(outputs: outputs, channels: channels, height: height, width: width)
      pack(
        output.bytes, input.bytes.assumingMemoryBound(to: Float.self), &filter,
        zoo_range(first: blocks.lowerBound, count: blocks.count))
      #expect(output.isIntactAround && input.isIntactAround)
      return target.read(from: output.bytes)
    }
  }

  static let filters = [
    Filter(outputs: 1, channels: 1, height: 1, width: 1, blocks: 0..<1),
    Filter(outputs: 16, channels: 16, height: 3, width: 3, blocks: 0..<1),
    Filter(outputs: 17, channels: 15, height: 2, width: 3, blocks: 0..<2),
    Filter(outputs: 33, channels: 17, height: 3, width: 3, blocks: 1..<3),
    Filter(outputs: 48, channels: 3, height: 7, width: 5, blocks: 1..<2),
    Filter(outputs: 40, channels: 33, height: 1, width: 1, blocks: 2..<3),
    Filter(outputs: 31, channels: 2, height: 1, width: 7, blocks: 0..<1),
  ]

  private static let canary = Numbers.canaries(1, bf16: false).values[0]

  @Test(arguments: filters)
  func direct(_ filter: Filter) {
    let (weight, taps) = (filter.weight, filter.taps)
    // [block of outputs][block of inputs][tap][16 inputs][16 outputs]
    let shape = [filter.outputBlocks, filter.inputBlocks, taps, 16, 16]
    let expected = places(shape).map { at in
      filter.blocks.contains(at[0])
        ? filter.value(weight, at[0] * 16 + at[4], at[1] * 16 + at[3], at[2]) : Self.canary
    }
    let found = filter.packed(expected.count) { target, source, filter, blocks in
      zoo_pack_direct(target.assumingMemoryBound(to: Float.self), source, filter, blocks)
    }
    #expect(found == expected)
  }

  @Test(arguments: filters)
  func directInPairs(_ filter: Filter) {
    let (weight, taps) = (filter.weight, filter.taps)
    // [block of outputs][block of inputs][tap][8 pairs][16 outputs][2]
    let shape = [filter.outputBlocks, filter.inputBlocks, taps, 8, 16, 2]
    let expected = places(shape).map { at in
      let input = at[1] * 16 + at[3] * 2 + at[5]
      return filter.blocks.contains(at[0])
        ? filter.value(weight, at[0] * 16 + at[4], input, at[2]) : Self.canary
    }
    let found = filter.packed(expected.count, bf16: true) { target, source, filter, blocks in
      zoo_pack_direct_bf16(target.assumingMemoryBound(to: UInt16.self), source, filter, blocks)
    }
    #expect(found == expected.map(nearestBFloat16))
  }

  @Test(arguments: filters)
  func planar(_ filter: Filter) {
    let weight = filter.weight
    // [block of outputs][channel][tap][16 outputs]
    let shape = [filter.outputBlocks, filter.channels, filter.taps, 16]
    let expected = places(shape).map { at in
      filter.blocks.contains(at[0])
        ? filter.value(weight, at[0] * 16 + at[3], at[1], at[2]) : Self.canary
    }
    let found = filter.packed(expected.count) { target, source, filter, blocks in
      zoo_pack_planar(target.assumingMemoryBound(to: Float.self), source, filter, blocks)
    }
    #expect(found == expected)
  }

  @Test(
    arguments: filters.filter { $0.channels == 1 } + [
      Filter(outputs: 33, channels: 1, height: 3, width: 3, blocks: 1..<3),
      Filter(outputs: 20, channels: 1, height: 5, width: 2, blocks: 0..<1),
    ])
  func depthwise(_ filter: Filter) {
    let weight = filter.weight
    // [block][tap][16]
    let expected = places([filter.outputBlocks, filter.taps, 16]).map { at in
      filter.blocks.contains(at[0])
        ? filter.value(weight, at[0] * 16 + at[2], 0, at[1]) : Self.canary
    }
    let found = filter.packed(expected.count) { target, source, filter, blocks in
      zoo_pack_depthwise(target.assumingMemoryBound(to: Float.self), source, filter, blocks)
    }
    #expect(found == expected)
  }

  /// The filter as a polynomial in both directions, at the points 0, +-sqrt(1/2), +-sqrt(2) and
  /// infinity, over the product of each point's distances to the other finite ones.
  @Test(arguments: filters.filter { $0.height == 3 && $0.width == 3 })
  func winograd(_ filter: Filter) {
    let weight = filter.weight
    let points = [0, 0.5.squareRoot(), -0.5.squareRoot(), 2.0.squareRoot(), -2.0.squareRoot()]
    let rows = points.map { point in
      let distances = points.filter { $0 != point }.reduce(1.0) { $0 * (point - $1) }
      return [1, point, point * point].map { $0 / distances }
    }
    let transform = rows + [[0, 0, 1]]
    // [36 points][block of outputs][inputs rounded up to 16][16 outputs]
    let at = places([36, filter.outputBlocks, filter.inputBlocks * 16, 16])
    let found = filter.packed(at.count) { target, source, filter, blocks in
      zoo_pack_winograd(target.assumingMemoryBound(to: Float.self), source, filter, blocks)
    }
    for (found, at) in zip(found, at) {
      guard filter.blocks.contains(at[1]) else {
        #expect(found == Self.canary, "\(at)")
        continue
      }
      var (expected, size) = (0.0, 0.0)
      for tap in 0..<9 {
        let factor = transform[at[0] / 6][tap / 3] * transform[at[0] % 6][tap % 3]
        let value = Double(filter.value(weight, at[1] * 16 + at[3], at[2], tap))
        expected += factor * value
        size += abs(factor * value)
      }
      // One rounding to float32, of a sum in double.
      #expect(abs(Double(found) - expected) <= abs(expected) * 0x1p-24 + size * 0x1p-48, "\(at)")
    }
  }

  /// All indices of an array, in its order.
  private func places(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { indices, extent in
      indices.flatMap { index in (0..<extent).map { index + [$0] } }
    }
  }

  /// By comparing with both neighbours; of two as near the one with an even last digit.
  private func nearestBFloat16(_ value: Float) -> Float {
    let below = Float(bitPattern: value.bitPattern & 0xffff_0000)
    let above = Float(bitPattern: below.bitPattern + 0x1_0000)
    let (down, up) = (abs(Double(value) - Double(below)), abs(Double(above) - Double(value)))
    if down == up { return below.bitPattern & 0x1_0000 == 0 ? below : above }
    return down < up ? below : above
  }

  @Test(
    arguments: [
      // Halfway between two, to the even one; one more bit decides; carries into the exponent.
      (0x3f80_8000, 0x3f80), (0x3f81_8000, 0x3f82), (0x3f80_8001, 0x3f81), (0x3f80_7fff, 0x3f80),
      (0x3fff_8000, 0x4000), (0x7f7f_ffff, 0x7f80), (0xff7f_ffff, 0xff80), (0x7f80_0000, 0x7f80),
      // Denormals, zeros, and NaN whose upper half alone would be infinity.
      (0x0000_8001, 0x0001), (0x0000_8000, 0x0000), (0x8000_0000, 0x8000), (0x7f80_0001, 0x7fc0),
      (0xffc0_0000, 0xffc0),
    ] as [(UInt32, UInt16)])
  func bfloat16(_ bits: UInt32, _ expected: UInt16) {
    #expect(zoo_bf16(Float(bitPattern: bits)) == expected)
    #expect(zoo_f32(expected).bitPattern == UInt32(expected) << 16)
  }
}
