extension Tensor {
  /// The values as 32-bit floats, in row-major order; nil for complex tensors.
  ///
  /// Integers and 64-bit floats are rounded to nearest; 16- and 8-bit floats are exact.
  public func floats() -> [Float]? {
    withUnsafeBytes { bytes in
      switch dtype {
      case .float32: load(bytes, as: Float.self) { $0 }
      case .float64: load(bytes, as: Double.self) { Float($0) }
      case .float16: load(bytes, as: UInt16.self) { Float(half: $0) }
      case .bfloat16: load(bytes, as: UInt16.self) { Float(bfloat16: $0) }
      case .float8e4m3: load(bytes, as: UInt8.self) { Float(float8e4m3: $0) }
      case .float8e5m2: load(bytes, as: UInt8.self) { Float(half: UInt16($0) << 8) }
      case .int64: load(bytes, as: Int64.self) { Float($0) }
      case .uint64: load(bytes, as: UInt64.self) { Float($0) }
      case .int32: load(bytes, as: Int32.self) { Float($0) }
      case .uint32: load(bytes, as: UInt32.self) { Float($0) }
      case .int16: load(bytes, as: Int16.self) { Float($0) }
      case .uint16: load(bytes, as: UInt16.self) { Float($0) }
      case .int8: load(bytes, as: Int8.self) { Float($0) }
      case .uint8: load(bytes, as: UInt8.self) { Float($0) }
      case .bool: load(bytes, as: UInt8.self) { $0 == 0 ? 0 : 1 }
      case .complex64, .complex128: nil
      }
    }
  }

  /// Lends the values as `floats()` gives them, without a copy where they lie in memory as aligned
  /// 32-bit floats already; nil for complex tensors.
  package func withFloats<R>(
    _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) rethrows -> R? {
    let lent: R? = try withUnsafeBytes { bytes in
      guard dtype == .float32, UInt(bitPattern: bytes.baseAddress) % 4 == 0 else { return nil }
      return try body(bytes.bindMemory(to: Float.self))
    }
    if let lent { return lent }
    return try floats()?.withUnsafeBufferPointer(body)
  }

  // Mapped files give no alignment promise, hence the unaligned loads.
  private func load<Element: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, as type: Element.Type, _ convert: (Element) -> Float
  ) -> [Float] {
    let width = MemoryLayout<Element>.size
    return [Float](unsafeUninitializedCapacity: bytes.count / width) { values, count in
      count = bytes.count / width
      for index in 0..<count {
        values.initializeElement(
          at: index, to: convert(bytes.loadUnaligned(fromByteOffset: index * width, as: type)))
      }
    }
  }
}

extension Float {
  /// Widens IEEE binary16 given as bits; exact, and free of `Float16`, which x86 macOS lacks.
  @inline(__always)
  init(half bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7fff)
    let special = 0x7f80_0000 | (magnitude & 0x3ff) << 13
    // Shifting the half's fields into place leaves an exponent that is too small by 127 - 15; the
    // multiplication mends it, subnormals included.
    let scaled = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
    self.init(bitPattern: sign | (magnitude >= 0x7c00 ? special : scaled))
  }

  /// Widens an OCP 8-bit float with 4 exponent and 3 fraction bits (no infinities).
  init(float8e4m3 bits: UInt8) {
    let sign = UInt32(bits & 0x80) << 24
    let magnitude = UInt32(bits & 0x7f)
    guard magnitude != 0x7f else {
      self = .nan
      return
    }
    let scaled = Float(bitPattern: magnitude << 20) * 0x1p120
    self.init(bitPattern: sign | scaled.bitPattern)
  }
}
