/// What rounding to a smaller type cost.
public struct Rounding: Hashable, Sendable {
  /// The largest difference.
  public let absolute: Float
  /// The largest difference as a part of the exact value, over values that are not zero.
  public let relative: Float

  /// The larger of two losses, figure by figure.
  public static func worse(_ a: Rounding?, _ b: Rounding) -> Rounding {
    guard let a else { return b }
    return Rounding(
      absolute: max(a.absolute, b.absolute), relative: max(a.relative, b.relative))
  }
}

extension Tensor {
  /// The values in another floating-point type, rounded to nearest even, and what that cost.
  ///
  /// - Parameter dtype: `float32`, `float16` or `bfloat16`.
  /// - Returns: nil for other types and for complex tensors.
  public func rounded(to dtype: DType) -> (tensor: Tensor, loss: Rounding)? {
    guard [.float32, .float16, .bfloat16].contains(dtype), let values = floats() else {
      return nil
    }
    if dtype == .float32 {
      return (Tensor(shape: shape, values), Rounding(absolute: 0, relative: 0))
    }
    let convert: (Float) -> UInt16 = dtype == .float16 ? \.halfBits : \.bfloat16Bits
    let storage = ByteStorage(count: values.count * 2) { memory in
      for (index, value) in values.enumerated() {
        memory.storeBytes(of: convert(value), toByteOffset: index * 2, as: UInt16.self)
      }
    }
    let tensor = Tensor(dtype: dtype, shape: shape, storage: storage)
    var loss = Rounding(absolute: 0, relative: 0)
    for (exact, rounded) in zip(values, tensor.floats() ?? []) where exact.isFinite {
      let difference = abs(exact - rounded)
      loss = .worse(
        loss, Rounding(absolute: difference, relative: exact == 0 ? 0 : difference / abs(exact)))
    }
    return (tensor, loss)
  }
}

extension Float {
  /// The nearest bfloat16, ties to even, as bits.
  var bfloat16Bits: UInt16 {
    // A quiet NaN, as its upper half alone might be an infinity's.
    if isNaN { return UInt16(bitPattern >> 16) | 0x40 }
    return UInt16((bitPattern + 0x7fff + (bitPattern >> 16 & 1)) >> 16)
  }

  /// The nearest IEEE binary16, ties to even, as bits.
  var halfBits: UInt16 {
    let sign = UInt16(bitPattern >> 16 & 0x8000)
    if isNaN { return sign | 0x7e00 }
    let size = magnitude
    // Halfway between the largest half, 65504, and the next step, 65536, rounds to infinity.
    if size >= 65520 { return sign | 0x7c00 }
    if size < 0x1p-14 {
      // Subnormal halves are multiples of 2^-24; adding 0.5 lines their last bit up with the
      // float's, and the addition rounds.
      return sign | UInt16((size + 0.5).bitPattern - Float(0.5).bitPattern)
    }
    let rounded = size.bitPattern + 0xfff + (bitPattern >> 13 & 1)
    return sign | UInt16((rounded - (112 << 23)) >> 13)
  }
}
