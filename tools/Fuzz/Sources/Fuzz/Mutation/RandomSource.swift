import CFuzz

/// SplitMix64, started from the seed that libFuzzer gives each mutation, so that a run can be
/// repeated.
struct RandomSource: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  /// A number from 0 up to `bound`, which is not included; 0 where there is none.
  mutating func below(_ bound: Int) -> Int {
    bound > 0 ? Int(next() % UInt64(bound)) : 0
  }

  mutating func oneIn(_ chances: Int) -> Bool { below(chances) == 0 }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// A stretch of at most `longest` of `count` elements.
  mutating func stretch(of count: Int, longest: Int) -> Range<Int> {
    let start = below(count)
    return start..<start + min(count - start, 1 + below(longest))
  }

  /// A number at an edge where readers go wrong, or any.
  mutating func number() -> Int {
    switch below(4) {
    case 0: below(8)
    case 1: pick([-1, 0, 127, 128, 255, 256, 65_535, 1 << 24, .max, .min])
    case 2: (1 << below(63)) &+ below(3) &- 1
    default: Int(truncatingIfNeeded: next()) >> below(64)
    }
  }
}

/// libFuzzer's mutations of a part of an input.
func mutatedBytes(_ bytes: [UInt8], growth: Int = 16) -> [UInt8] {
  var buffer = bytes + [UInt8](repeating: 0, count: growth)
  let count = LLVMFuzzerMutate(&buffer, bytes.count, buffer.count)
  return Array(buffer.prefix(count))
}

/// A number's bytes in little-endian order.
func little(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

extension Array where Element == UInt8 {
  /// The little-endian number at an offset; nil where it is not whole.
  func number<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Int? {
    let width = MemoryLayout<Value>.size
    guard offset >= 0, offset <= count - width else { return nil }
    var value: UInt64 = 0
    for index in (offset..<offset + width).reversed() { value = value << 8 | UInt64(self[index]) }
    return Int(exactly: value)
  }
}
