/// What storing values in another type cost.
public struct Rounding: Hashable, Sendable {
  /// The largest difference; infinite where a finite value became infinite.
  public var absolute: Double
  /// The largest difference as a part of the exact value, over values that are not zero.
  public var relative: Double

  /// Creates a loss; none by default.
  public init(absolute: Double = 0, relative: Double = 0) {
    self.absolute = absolute
    self.relative = relative
  }

  /// The larger of two losses, figure by figure.
  public static func worse(_ a: Rounding, _ b: Rounding) -> Rounding {
    Rounding(absolute: max(a.absolute, b.absolute), relative: max(a.relative, b.relative))
  }
}

extension DType {
  /// Whether values of this type can be rounded to another: real floating-point numbers to
  /// `float32`, `float16` and `bfloat16`.
  public func canRound(to other: DType) -> Bool {
    isFloatingPoint && [.float32, .float16, .bfloat16].contains(other)
  }
}

extension Tensor {
  /// The values in another floating-point type, rounded to nearest even, and what that cost.
  ///
  /// Numbers, subnormals and overflow to infinity are PyTorch's bit for bit, which takes 64-bit
  /// numbers to 16 bits by way of 32; NaN stays NaN.
  ///
  /// - Parameter dtype: `float32`, `float16` or `bfloat16`.
  /// - Returns: nil where `canRound` says no.
  public func rounded(to dtype: DType) -> (tensor: Tensor, loss: Rounding)? {
    guard self.dtype.canRound(to: dtype) else { return nil }
    var loss = Rounding()
    let storage = ByteStorage(count: shape.elementCount * dtype.byteWidth) { memory in
      loss = round(to: dtype, into: memory)
    }
    return (Tensor(dtype: dtype, shape: shape, storage: storage), loss)
  }

  /// Rounds the values into memory of exactly the size that they take; see `rounded(to:)`.
  package func round(to dtype: DType, into memory: UnsafeMutableRawBufferPointer) -> Rounding {
    precondition(self.dtype.canRound(to: dtype))
    precondition(memory.count == shape.elementCount * dtype.byteWidth)
    switch dtype {
    case .float16: return store(in: memory, as: \.halfBits) { Float(half: $0) }
    case .bfloat16: return store(in: memory, as: \.bfloat16Bits) { Float(bfloat16: $0) }
    default: return store(in: memory, as: \.self) { $0 }
    }
  }

  /// Whether rounding would make a finite value infinite.
  package func overflows(_ dtype: DType) -> Bool {
    // Halfway between a type's largest number and the next step is where infinity begins.
    let limit: Float =
      switch dtype {
      case .float16: 65520
      case .bfloat16: Float(bitPattern: 0x7f7f_8000)
      default: .infinity
      }
    return withUnsafeBytes { bytes in
      switch self.dtype {
      case .float64:
        (0..<bytes.count / 8).contains { index in
          let value = bytes.loadUnaligned(fromByteOffset: index * 8, as: Double.self)
          return value.isFinite && Float(value).magnitude >= limit
        }
      case .float32: largestFinite(bytes) >= limit
      default: (floats() ?? []).withUnsafeBytes { largestFinite($0) >= limit }
      }
    }
  }

  @inline(__always)
  private func store<Stored: BitwiseCopyable>(
    in memory: UnsafeMutableRawBufferPointer, as convert: (Float) -> Stored,
    _ widen: (Stored) -> Float
  ) -> Rounding {
    let stored = memory.bindMemory(to: Stored.self)
    return withUnsafeBytes { bytes in
      switch dtype {
      case .float32: storeFloats(bytes, in: stored, as: convert, widen)
      case .float64: storeDoubles(bytes, in: stored, as: convert, widen)
      default:
        (floats() ?? []).withUnsafeBytes { storeFloats($0, in: stored, as: convert, widen) }
      }
    }
  }
}

/// The largest magnitude of 32-bit floats that is not infinite.
private func largestFinite(_ bytes: UnsafeRawBufferPointer) -> Float {
  // Magnitudes are ordered as their bits are, and the compiler makes vectors of whole numbers.
  var largest: Int32 = 0
  for index in 0..<bytes.count / 4 {
    let bits =
      bytes.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self) & Float.magnitudeMask
    let finite = bits < Float.infinityBits ? Int32(bitPattern: bits) : 0
    largest = largest < finite ? finite : largest
  }
  return Float(bitPattern: UInt32(bitPattern: largest))
}

// Free of branches and of checks inside the loop, so that the compiler makes vectors of it.
@inline(__always)
private func storeFloats<Stored: BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, in memory: UnsafeMutableBufferPointer<Stored>,
  as convert: (Float) -> Stored, _ widen: (Stored) -> Float
) -> Rounding {
  guard let source = bytes.baseAddress, let target = memory.baseAddress else { return Rounding() }
  var (absolute, relative): (Int32, Int32) = (0, 0)
  for index in 0..<memory.count {
    let value = source.loadUnaligned(fromByteOffset: index &* 4, as: Float.self)
    let stored = convert(value)
    target[index] = stored
    let size = value.bitPattern & Float.magnitudeMask
    let difference = abs(value - widen(stored))
    let ratio = difference / abs(value)
    let isFinite = size < Float.infinityBits
    let absoluteBits = isFinite ? Int32(bitPattern: difference.bitPattern) : 0
    let relativeBits = isFinite && size != 0 ? Int32(bitPattern: ratio.bitPattern) : 0
    absolute = absolute < absoluteBits ? absoluteBits : absolute
    relative = relative < relativeBits ? relativeBits : relative
  }
  return Rounding(
    absolute: Double(Float(bitPattern: UInt32(bitPattern: absolute))),
    relative: Double(Float(bitPattern: UInt32(bitPattern: relative))))
}

@inline(__always)
private func storeDoubles<Stored: BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, in memory: UnsafeMutableBufferPointer<Stored>,
  as convert: (Float) -> Stored, _ widen: (Stored) -> Float
) -> Rounding {
  var loss = Rounding()
  for index in memory.indices {
    let value = bytes.loadUnaligned(fromByteOffset: index * 8, as: Double.self)
    let stored = convert(Float(value))
    memory[index] = stored
    guard value.isFinite, value != 0 else { continue }
    let difference = abs(value - Double(widen(stored)))
    loss = .worse(loss, Rounding(absolute: difference, relative: difference / abs(value)))
  }
  return loss
}

extension Float {
  fileprivate static let magnitudeMask: UInt32 = 0x7fff_ffff
  fileprivate static let infinityBits: UInt32 = 0x7f80_0000

  /// Widens a bfloat16 given as bits; exact.
  @inline(__always)
  init(bfloat16 bits: UInt16) { self.init(bitPattern: UInt32(bits) << 16) }

  /// The nearest bfloat16, ties to even, as bits.
  @inline(__always)
  fileprivate var bfloat16Bits: UInt16 {
    let rounded = (bitPattern &+ 0x7fff &+ (bitPattern >> 16 & 1)) >> 16
    // A quiet NaN, as its upper half alone might be an infinity's.
    let isNaN = bitPattern & Self.magnitudeMask > Self.infinityBits
    return UInt16(truncatingIfNeeded: isNaN ? bitPattern >> 16 | 0x40 : rounded)
  }

  /// The nearest IEEE binary16, ties to even, as bits.
  @inline(__always)
  fileprivate var halfBits: UInt16 {
    let size = bitPattern & Self.magnitudeMask
    // The exponent's bias is 112 less.
    let normal = (size &+ 0xfff &+ (size >> 13 & 1) &- (112 << 23)) >> 13
    // Subnormal halves are multiples of 2^-24; adding 0.5 lines their last bit up with the
    // float's, and the addition rounds.
    let subnormal = (Float(bitPattern: size) + 0.5).bitPattern &- Float(0.5).bitPattern
    var half = size < Float(0x1p-14).bitPattern ? subnormal : normal
    // Halfway between the largest half, 65504, and the next step, 65536, rounds to infinity.
    half = size >= Float(65520).bitPattern ? 0x7c00 : half
    // A quiet NaN with the upper bits of its payload, as processors have it.
    half = size > Self.infinityBits ? 0x7e00 | size >> 13 & 0x1ff : half
    return UInt16(truncatingIfNeeded: half | bitPattern >> 16 & 0x8000)
  }
}
