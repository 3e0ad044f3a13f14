import CONNX
import GraphIR

/// Reads the tensors of an ONNX file.
struct ONNXTensorReader {
  /// Keeps the unpacked bytes alive for the tensors that view them.
  let unpacked: UnpackedModel
  /// The model's own bytes.
  let file: ByteStorage
  /// The files that tensors may lie in.
  var external: ExternalData?

  /// The element types that are read, by ONNX's numbers for them.
  static let dtypes = Dictionary(
    uniqueKeysWithValues: DType.allCases.map { (Int32(ONNXElementType.number(of: $0)), $0) })

  mutating func tensor(
    _ message: Onnx__TensorProto, name: String
  ) throws(ONNXProblem) -> Tensor {
    do throws(TensorFault) {
      return try read(message)
    } catch {
      throw .tensor(name, error)
    }
  }

  private mutating func read(_ message: Onnx__TensorProto) throws(TensorFault) -> Tensor {
    guard let dtype = Self.dtypes[message.data_type] else {
      throw .elementType(Int(message.data_type))
    }
    let extents = UnsafeBufferPointer(start: message.dims, count: message.n_dims).map { Int($0) }
    guard extents.allSatisfy({ $0 >= 0 }),
      let count = Shape(extents).checkedElementCount, count <= Int.max / 16
    else { throw .shape(extents) }
    let shape = Shape(extents)
    let byteCount = count * dtype.byteWidth
    // 1 says that the values are elsewhere.
    if message.data_location == 1 {
      guard external != nil else { throw .noFolder }
      var entries = [String: String]()
      for index in 0..<message.n_external_data {
        if let entry = message.external_data[index]?.pointee,
          let key = text(entry.key), let value = text(entry.value)
        {
          entries[key] = value
        }
      }
      guard
        let (storage, offset) = try external?.bytes(entries, count: byteCount)
      else { throw .noFolder }
      return Tensor(dtype: dtype, shape: shape, storage: storage, byteOffset: offset)
    }
    if message.has_raw_data != 0 {
      let range = rawRange(message.raw_data)
      guard range.count == byteCount else {
        throw .byteCount(found: range.count, expected: byteCount)
      }
      return Tensor(dtype: dtype, shape: shape, storage: file, byteOffset: range.lowerBound)
    }
    return try typed(message, dtype, shape, count)
  }

  /// Where a tensor's bytes lie in the file, see `LeanModel`, which has checked it.
  private func rawRange(_ place: ProtobufCBinaryData) -> Range<Int> {
    let place = UnsafeRawBufferPointer(start: place.data, count: place.len)
    guard place.count == 16 else { return 0..<0 }
    let offset = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    let count = UInt64(littleEndian: place.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    return Int(offset)..<Int(offset + count)
  }

  /// A tensor over unpacked bytes.
  private func view(
    _ bytes: UnsafePointer<UInt8>?, _ byteCount: Int, _ dtype: DType, _ shape: Shape
  ) -> Tensor {
    let unpacked = unpacked
    let storage = ByteStorage(
      adopting: UnsafeRawBufferPointer(start: byteCount == 0 ? nil : bytes, count: byteCount)
    ) { _ in withExtendedLifetime(unpacked) {} }
    return Tensor(dtype: dtype, shape: shape, storage: storage)
  }

  /// Values in the field for their type; small types stand in 32-bit fields, one value each.
  private func typed(
    _ message: Onnx__TensorProto, _ dtype: DType, _ shape: Shape, _ count: Int
  ) throws(TensorFault) -> Tensor {
    func check(_ found: Int, _ expected: Int) throws(TensorFault) {
      guard found == expected else { throw .valueCount(found: found, expected: expected) }
    }
    func wide<Element>(_ values: UnsafePointer<Element>?, _ found: Int) throws(TensorFault)
      -> Tensor
    {
      // A complex number is two values.
      try check(found, dtype == .complex64 || dtype == .complex128 ? count * 2 : count)
      let byteCount = found * MemoryLayout<Element>.size
      return UnsafeRawPointer(values).map {
        view($0.assumingMemoryBound(to: UInt8.self), byteCount, dtype, shape)
      } ?? view(nil, 0, dtype, shape)
    }
    func narrow<Element: FixedWidthInteger & BitwiseCopyable>(
      _ type: Element.Type
    ) throws(TensorFault) -> Tensor {
      try check(message.n_int32_data, count)
      var isInRange = true
      let storage = ByteStorage(count: count * MemoryLayout<Element>.size) { memory in
        for index in 0..<count {
          let value = message.int32_data[index]
          let exact = Element(exactly: value)
          // float16 and bfloat16 are given as their bits, truth values as any number.
          if exact == nil { isInRange = false }
          memory.storeBytes(
            of: exact ?? 0, toByteOffset: index * MemoryLayout<Element>.size, as: type)
        }
      }
      guard isInRange else { throw .range }
      return Tensor(dtype: dtype, shape: shape, storage: storage)
    }
    return switch dtype {
    case .float32, .complex64: try wide(message.float_data, message.n_float_data)
    case .float64, .complex128: try wide(message.double_data, message.n_double_data)
    case .int64: try wide(message.int64_data, message.n_int64_data)
    case .uint64: try wide(message.uint64_data, message.n_uint64_data)
    case .int32: try wide(message.int32_data, message.n_int32_data)
    case .uint32:
      // Its values stand in the field for uint64.
      try uint32(message, shape, count)
    case .uint16, .float16, .bfloat16: try narrow(UInt16.self)
    case .int16: try narrow(Int16.self)
    case .uint8, .bool, .float8e4m3, .float8e5m2: try narrow(UInt8.self)
    case .int8: try narrow(Int8.self)
    }
  }

  private func uint32(
    _ message: Onnx__TensorProto, _ shape: Shape, _ count: Int
  ) throws(TensorFault) -> Tensor {
    guard message.n_uint64_data == count else {
      throw .valueCount(found: message.n_uint64_data, expected: count)
    }
    var isInRange = true
    let storage = ByteStorage(count: count * 4) { memory in
      for index in 0..<count {
        let exact = UInt32(exactly: message.uint64_data[index])
        if exact == nil { isInRange = false }
        memory.storeBytes(of: exact ?? 0, toByteOffset: index * 4, as: UInt32.self)
      }
    }
    guard isInRange else { throw .range }
    return Tensor(dtype: .uint32, shape: shape, storage: storage)
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    pointer.flatMap { String(validatingCString: $0) }
  }
}
