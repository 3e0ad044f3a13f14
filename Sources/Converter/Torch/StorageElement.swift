import GraphIR

/// What a PyTorch storage class says about its elements.
enum StorageElement: Hashable, Sendable {
  case typed(DType)
  /// Bytes; the tensors on top say their type.
  case untyped
  /// Quantised values: known so that their bytes can be stepped over, never read.
  case quantized(String, byteWidth: Int)

  /// Bytes of one element, the unit in which PyTorch counts a storage.
  var byteWidth: Int {
    switch self {
    case .typed(let dtype): dtype.byteWidth
    case .untyped: 1
    case .quantized(_, let byteWidth): byteWidth
    }
  }

  var name: String {
    switch self {
    case .typed(let dtype): dtype.rawValue
    case .untyped: "bytes"
    case .quantized(let name, _): name
    }
  }

  static let classes: [(name: String, element: StorageElement)] = [
    ("DoubleStorage", .typed(.float64)), ("FloatStorage", .typed(.float32)),
    ("HalfStorage", .typed(.float16)), ("BFloat16Storage", .typed(.bfloat16)),
    ("LongStorage", .typed(.int64)), ("IntStorage", .typed(.int32)),
    ("ShortStorage", .typed(.int16)), ("CharStorage", .typed(.int8)),
    ("ByteStorage", .typed(.uint8)), ("BoolStorage", .typed(.bool)),
    ("ComplexFloatStorage", .typed(.complex64)), ("ComplexDoubleStorage", .typed(.complex128)),
    ("UntypedStorage", .untyped), ("_UntypedStorage", .untyped),
    ("QInt8Storage", .quantized("QInt8", byteWidth: 1)),
    ("QUInt8Storage", .quantized("QUInt8", byteWidth: 1)),
    ("QInt32Storage", .quantized("QInt32", byteWidth: 4)),
    ("QUInt4x2Storage", .quantized("QUInt4x2", byteWidth: 1)),
    ("QUInt2x4Storage", .quantized("QUInt2x4", byteWidth: 1)),
  ]
}

extension DType {
  /// The names of PyTorch's element types that this package can hold.
  package static let torchNames: [(name: String, dtype: DType)] = [
    ("float64", .float64), ("float32", .float32), ("float16", .float16), ("bfloat16", .bfloat16),
    ("int64", .int64), ("int32", .int32), ("int16", .int16), ("int8", .int8), ("uint64", .uint64),
    ("uint32", .uint32), ("uint16", .uint16), ("uint8", .uint8), ("bool", .bool),
    ("complex64", .complex64), ("complex128", .complex128), ("float8_e4m3fn", .float8e4m3),
    ("float8_e5m2", .float8e5m2),
  ]

  /// Bytes of what a change of byte order turns round: the two parts of a complex number swap
  /// each on its own.
  var swapWidth: Int {
    switch self {
    case .complex64, .complex128: byteWidth / 2
    default: byteWidth
    }
  }
}
