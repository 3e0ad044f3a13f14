extension Tensor {
  /// The values of a float32 tensor in another element type.
  ///
  /// Real numbers are rounded to nearest even. For whole numbers fractions are dropped, what is out
  /// of range becomes the nearest number that is not, NaN becomes 0; for truth values everything
  /// but 0 is true. Complex types and float8 are left as they are.
  public func converted(to dtype: DType) -> Tensor {
    guard dtype != self.dtype, let values = floats() else { return self }
    switch dtype {
    case .float16, .bfloat16: return rounded(to: dtype)?.tensor ?? self
    case .float64: return mapped(values, dtype) { Double($0) }
    case .bool: return mapped(values, dtype) { $0 == 0 ? UInt8(0) : 1 }
    case .int8: return mapped(values, dtype) { Int8(nearest: $0) }
    case .uint8: return mapped(values, dtype) { UInt8(nearest: $0) }
    case .int16: return mapped(values, dtype) { Int16(nearest: $0) }
    case .uint16: return mapped(values, dtype) { UInt16(nearest: $0) }
    case .int32: return mapped(values, dtype) { Int32(nearest: $0) }
    case .uint32: return mapped(values, dtype) { UInt32(nearest: $0) }
    case .int64: return mapped(values, dtype) { Int64(nearest: $0) }
    case .uint64: return mapped(values, dtype) { UInt64(nearest: $0) }
    case .float32: return Tensor(shape: shape, values)
    case .float8e4m3, .float8e5m2, .complex64, .complex128: return self
    }
  }

  private func mapped<Element: BitwiseCopyable>(
    _ values: [Float], _ dtype: DType, _ convert: (Float) -> Element
  ) -> Tensor {
    let width = MemoryLayout<Element>.size
    let storage = ByteStorage(count: values.count * width) { memory in
      for (index, value) in values.enumerated() {
        memory.storeBytes(of: convert(value), toByteOffset: index * width, as: Element.self)
      }
    }
    return Tensor(dtype: dtype, shape: shape, storage: storage)
  }
}

extension FixedWidthInteger {
  fileprivate init(nearest value: Float) {
    if value.isNaN {
      self = 0
    } else if let exact = Self(exactly: value.rounded(.towardZero)) {
      self = exact
    } else {
      self = value < 0 ? .min : .max
    }
  }
}
