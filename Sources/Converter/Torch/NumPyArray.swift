import GraphIR

/// A NumPy array as a pickle describes it.
struct ArrayRecord: Sendable {
  let dtype: DType
  let shape: [Int]
  /// Whether the first index moves fastest.
  let isColumnMajor: Bool
  let isBigEndian: Bool
  let bytes: StorageBytes

  /// The same as a window on the bytes, which the caller has found to be as many as the shape says.
  var window: TensorRecord {
    var strides = [Int](repeating: 1, count: shape.count)
    var step = 1
    for axis in isColumnMajor ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = step
      // An empty array may claim any other extents.
      step &*= max(shape[axis], 1)
    }
    let reference = StorageReference(
      element: .typed(dtype), key: "array", elementCount: bytes.range.count / dtype.byteWidth)
    return TensorRecord(storage: reference, dtype: dtype, offset: 0, shape: shape, strides: strides)
  }
}

/// An array's own bytes as the source of its one storage.
struct ArraySource: StorageSource {
  let origin: ByteOrigin
  let array: ArrayRecord

  var isBigEndian: Bool { array.isBigEndian }
  var byteCount: Int { array.bytes.range.count }

  func size(of reference: StorageReference) throws(CheckpointError) -> Int {
    try reference.part(of: byteCount, origin).count
  }

  func bytes(of reference: StorageReference) throws(CheckpointError) -> StorageBytes {
    array.bytes
  }
}

extension PickleHeap {
  /// Functions that make an array; NumPy 2 moved them.
  private static let reconstruct = [
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
  ]
  private static let fromBuffer = [
    "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer",
  ]

  /// Whether a value looks like an array of numbers, without looking at its bytes.
  func isArray(_ ref: PickleRef) -> Bool { arrayParts(ref) != nil }

  /// How many bytes an array says it has; nil for any other value.
  func arrayByteCount(_ ref: PickleRef) -> Int? {
    guard let parts = arrayParts(ref), let count = Shape(parts.shape).checkedElementCount,
      case let (size, overflow) = count.multipliedReportingOverflow(by: parts.dtype.byteWidth),
      !overflow
    else { return nil }
    return size
  }

  /// An array of numbers; nil for any other value, and where it has other bytes than it says.
  ///
  /// Its bytes lie in what the pickle was read from.
  func array(_ ref: PickleRef, in pickle: ByteStorage) -> ArrayRecord? {
    guard let parts = arrayParts(ref), let bytes = bytes(parts.bytes, in: pickle),
      arrayByteCount(ref) == bytes.range.count
    else { return nil }
    return ArrayRecord(
      dtype: parts.dtype, shape: parts.shape, isColumnMajor: parts.isColumnMajor,
      isBigEndian: parts.isBigEndian, bytes: bytes)
  }

  private struct ArrayParts {
    let dtype: DType
    let isBigEndian: Bool
    let shape: [Int]
    let isColumnMajor: Bool
    let bytes: PickleRef
  }

  private func arrayParts(_ ref: PickleRef) -> ArrayParts? {
    guard case .object(let object) = self[ref], let arguments = tuple(object.arguments) else {
      return nil
    }
    let (shape, type, order, bytes): (PickleRef, PickleRef, Bool, PickleRef)
    if Self.reconstruct.contains(object.className) {
      // (version, shape, dtype, whether Fortran's order, bytes).
      guard let first = arguments.first, case .global(.opaque("numpy.ndarray")) = self[first],
        let state = object.state.flatMap(tuple), state.count == 5, let flag = integer(state[3])
      else { return nil }
      (shape, type, order, bytes) = (state[1], state[2], flag != 0, state[4])
    } else if Self.fromBuffer.contains(object.className), arguments.count == 4 {
      guard let letter = text(arguments[3]), ["C", "F"].contains(letter) else { return nil }
      (shape, type, order, bytes) = (arguments[2], arguments[1], letter == "F", arguments[0])
    } else {
      return nil
    }
    guard self[shape].elementCount <= PickleMachine.maximumRank, let extents = integers(shape),
      extents.allSatisfy({ $0 >= 0 }), let (dtype, isBigEndian) = dtype(type)
    else { return nil }
    return ArrayParts(
      dtype: dtype, isBigEndian: isBigEndian, shape: extents, isColumnMajor: order, bytes: bytes)
  }

  /// (code such as `f4`, …) with the state (version, byte order, …).
  private func dtype(_ ref: PickleRef) -> (DType, isBigEndian: Bool)? {
    guard case .object(let object) = self[ref], object.className == "numpy.dtype",
      let code = tuple(object.arguments)?.first.flatMap(text), let dtype = DType(numPy: code),
      let state = object.state.flatMap(tuple), state.count > 1, let order = text(state[1])
    else { return nil }
    return (dtype, order == ">")
  }

  /// No bytes at all are a call of their class without arguments.
  private static let bytesClasses = ["__builtin__.bytes", "builtins.bytes"]

  /// Bytes as they are, or as protocol 2 writes them: text to be encoded as latin-1.
  private func bytes(_ ref: PickleRef, in pickle: ByteStorage) -> StorageBytes? {
    if case .bytes(let range) = self[ref] { return StorageBytes(storage: pickle, range: range) }
    guard case .object(let object) = self[ref] else { return nil }
    if Self.bytesClasses.contains(object.className), tuple(object.arguments)?.isEmpty == true {
      return StorageBytes(storage: pickle, range: 0..<0)
    }
    guard object.className == PickleGlobal.encode.name,
      let text = tuple(object.arguments)?.first.flatMap(text)
    else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    let block = ByteStorage(count: bytes.count) { $0.copyBytes(from: bytes) }
    return StorageBytes(storage: block, range: 0..<bytes.count)
  }
}

extension DType {
  /// The element type of a NumPy type code: a kind and a size in bytes.
  fileprivate init?(numPy code: String) {
    switch code {
    case "b1": self = .bool
    case "i1": self = .int8
    case "i2": self = .int16
    case "i4": self = .int32
    case "i8": self = .int64
    case "u1": self = .uint8
    case "u2": self = .uint16
    case "u4": self = .uint32
    case "u8": self = .uint64
    case "f2": self = .float16
    case "f4": self = .float32
    case "f8": self = .float64
    case "c8": self = .complex64
    case "c16": self = .complex128
    default: return nil
    }
  }
}
