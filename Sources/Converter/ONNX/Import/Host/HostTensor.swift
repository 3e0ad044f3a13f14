import GraphIR

/// The numbers of a small tensor, for what is calculated while a model is imported.
///
/// Whole numbers of every width, and truth values as 0 and 1, are `Int`; real numbers are `Double`,
/// rounded to their own type when they become a tensor again. Products, sums and quotients of two
/// shorter floats are exact enough in a `Double` that the second rounding changes nothing.
struct HostTensor {
  enum Numbers {
    case whole([Int])
    case real([Double])
  }

  let dtype: DType
  let shape: Shape
  let numbers: Numbers

  /// As many numbers as the shape has elements.
  init(_ dtype: DType, _ shape: Shape, _ numbers: Numbers) {
    self.dtype = dtype
    self.shape = shape
    self.numbers = numbers
  }

  /// A vector of `int64`, as shapes are.
  init(vector: [Int]) { self.init(.int64, [vector.count], .whole(vector)) }

  /// Truth values.
  init(_ shape: Shape, truths: [Bool]) {
    self.init(.bool, shape, .whole(truths.map { $0 ? 1 : 0 }))
  }

  /// The numbers, whole ones rounded where they are too large.
  var reals: [Double] {
    switch numbers {
    case .whole(let values): values.map { Double($0) }
    case .real(let values): values
    }
  }

  /// The numbers, where they are whole ones or truth values.
  var wholes: [Int]? { if case .whole(let values) = numbers { values } else { nil } }

  /// Whether a shape has few enough elements of a type to be calculated with here.
  static func fits(_ dtype: DType, _ shape: Shape) -> Bool {
    guard let count = shape.checkedElementCount else { return false }
    return count <= (dtype.isFloatingPoint ? HostOps.mostRealNumbers : HostOps.mostWholeNumbers)
  }

  /// The same numbers repeated to fill a larger shape that this one broadcasts to.
  func broadcast(to result: Shape) -> HostTensor {
    if result == shape { return self }
    let places = StridedWalk(broadcasting: [shape], to: result).places
    switch numbers {
    case .whole(let values): return HostTensor(dtype, result, .whole(places.map { values[$0] }))
    case .real(let values): return HostTensor(dtype, result, .real(places.map { values[$0] }))
    }
  }
}

extension StridedWalk {
  /// The element of the first operand that each element of the result is made from.
  var places: [Int] {
    var places = [Int]()
    places.reserveCapacity(count)
    let (rowStep, step) = (rowAxis.steps[0], columnAxis.steps[0])
    forEachBlock { block in
      for row in 0..<block.rows {
        let start = block.starts[0] + row * rowStep
        for column in 0..<block.columns { places.append(start + column * step) }
      }
    }
    return places
  }
}

// From and to tensors.
extension HostTensor {
  /// The numbers of a tensor; nil where it is too large or its numbers are complex or of 8 bits.
  ///
  /// - Throws: `ONNXProblem.wholeNumberRange` for numbers of `uint64` beyond those of `int64`.
  init?(_ tensor: Tensor) throws(ONNXProblem) {
    guard Self.fits(tensor.dtype, tensor.shape) else { return nil }
    switch tensor.dtype {
    case .int64: try self.init(tensor, whole: Int64.self)
    case .uint64: try self.init(tensor, whole: UInt64.self)
    case .int32: try self.init(tensor, whole: Int32.self)
    case .uint32: try self.init(tensor, whole: UInt32.self)
    case .int16: try self.init(tensor, whole: Int16.self)
    case .uint16: try self.init(tensor, whole: UInt16.self)
    case .int8: try self.init(tensor, whole: Int8.self)
    case .uint8: try self.init(tensor, whole: UInt8.self)
    case .bool:
      let bytes = tensor.elements(as: UInt8.self)
      self.init(tensor.shape, truths: bytes.map { $0 != 0 })
    case .float64:
      self.init(.float64, tensor.shape, .real(tensor.elements(as: Double.self)))
    case .float32, .float16, .bfloat16:
      guard let values = tensor.floats() else { return nil }
      self.init(tensor.dtype, tensor.shape, .real(values.map(Double.init)))
    case .float8e4m3, .float8e5m2, .complex64, .complex128: return nil
    }
  }

  private init<Element: FixedWidthInteger & BitwiseCopyable>(
    _ tensor: Tensor, whole: Element.Type
  ) throws(ONNXProblem) {
    var values = [Int]()
    values.reserveCapacity(tensor.shape.elementCount)
    for element in tensor.elements(as: Element.self) {
      guard let value = Int(exactly: element) else { throw .wholeNumberRange(.int64) }
      values.append(value)
    }
    self.init(tensor.dtype, tensor.shape, .whole(values))
  }

  /// The numbers in their type.
  ///
  /// - Throws: `ONNXProblem.wholeNumberRange` for whole numbers beyond it.
  func tensor() throws(ONNXProblem) -> Tensor {
    switch numbers {
    case .whole(let values):
      switch dtype {
      case .int64: try tensor(values, as: Int64.self)
      case .uint64: try tensor(values, as: UInt64.self)
      case .int32: try tensor(values, as: Int32.self)
      case .uint32: try tensor(values, as: UInt32.self)
      case .int16: try tensor(values, as: Int16.self)
      case .uint16: try tensor(values, as: UInt16.self)
      case .int8: try tensor(values, as: Int8.self)
      case .uint8, .bool: try tensor(values, as: UInt8.self)
      default: preconditionFailure("whole numbers as \(dtype)")
      }
    case .real(let values):
      if dtype == .float64 {
        Tensor(dtype: dtype, shape: shape, elements: values)
      } else if let tensor = Tensor(shape: shape, values.map { Float($0) }).rounded(to: dtype)?
        .tensor
      {
        tensor
      } else {
        preconditionFailure("real numbers as \(dtype)")
      }
    }
  }

  private func tensor<Element: FixedWidthInteger & BitwiseCopyable>(
    _ values: [Int], as type: Element.Type
  ) throws(ONNXProblem) -> Tensor {
    var elements = [Element]()
    elements.reserveCapacity(values.count)
    for value in values {
      guard let element = Element(exactly: value) else { throw .wholeNumberRange(dtype) }
      elements.append(element)
    }
    return Tensor(dtype: dtype, shape: shape, elements: elements)
  }
}

extension Tensor {
  /// Values of the type's own width, as many as the shape has elements.
  init<Element: BitwiseCopyable>(dtype: DType, shape: Shape, elements: [Element]) {
    let storage = ByteStorage(count: elements.count * dtype.byteWidth) { memory in
      elements.withUnsafeBytes { memory.copyMemory(from: $0) }
    }
    self.init(dtype: dtype, shape: shape, storage: storage)
  }

  /// The values as they are stored, in a type of the same width.
  fileprivate func elements<Element: BitwiseCopyable>(as type: Element.Type) -> [Element] {
    let width = MemoryLayout<Element>.size
    return withUnsafeBytes { bytes in
      (0..<bytes.count / width).map {
        bytes.loadUnaligned(fromByteOffset: $0 * width, as: Element.self)
      }
    }
  }
}
