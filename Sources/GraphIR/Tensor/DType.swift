/// The element type of a tensor in memory or in a file.
///
/// Raw values are the names safetensors uses; `complex128` has no name there and cannot be written.
public enum DType: String, Codable, Hashable, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case int16 = "I16"
  case uint16 = "U16"
  case int32 = "I32"
  case uint32 = "U32"
  case int64 = "I64"
  case uint64 = "U64"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"
  case complex64 = "C64"
  case complex128 = "C128"

  /// Bytes of one element.
  public var byteWidth: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e4m3, .float8e5m2: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64, .complex64: 8
    case .complex128: 16
    }
  }

  /// Whether values are real floating-point numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float8e4m3, .float8e5m2, .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}
