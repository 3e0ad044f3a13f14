import GraphIR

/// The numbers by which ONNX knows element types (`TensorProto.DataType`).
enum ONNXElementType {
  static let float32 = 1
  static let int64 = 7
  static let bool = 9

  /// The number of a type.
  static func number(of dtype: DType) -> Int {
    switch dtype {
    case .float32: float32
    case .uint8: 2
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .int32: 6
    case .int64: int64
    case .bool: bool
    case .float16: 10
    case .float64: 11
    case .uint32: 12
    case .uint64: 13
    case .complex64: 14
    case .complex128: 15
    case .bfloat16: 16
    case .float8e4m3: 17
    case .float8e5m2: 19
    }
  }
}
