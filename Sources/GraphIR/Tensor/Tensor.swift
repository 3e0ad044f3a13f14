/// Contiguous, row-major, little-endian values with a type and a shape.
///
/// A tensor is immutable and shares its storage: copying one copies no element. A mapped weight
/// file, a converted checkpoint and the inputs and outputs of a session are all made of these.
public struct Tensor: Sendable {
  /// The element type.
  public let dtype: DType
  /// The extents, outermost first.
  public let shape: Shape
  private let storage: ByteStorage
  private let byteOffset: Int

  /// The size of the values in bytes.
  public var byteCount: Int { shape.elementCount * dtype.byteWidth }

  /// Views part of a storage.
  ///
  /// The caller has checked that the storage holds that many bytes behind the offset.
  public init(dtype: DType, shape: Shape, storage: ByteStorage, byteOffset: Int = 0) {
    precondition(byteOffset >= 0)
    precondition(byteOffset + shape.elementCount * dtype.byteWidth <= storage.bytes.count)
    self.dtype = dtype
    self.shape = shape
    self.storage = storage
    self.byteOffset = byteOffset
  }

  /// Copies values, as many as the shape has elements.
  public init(shape: Shape, _ values: [Float]) {
    precondition(values.count == shape.elementCount)
    let storage = ByteStorage(count: values.count * 4) { memory in
      values.withUnsafeBytes { memory.copyMemory(from: $0) }
    }
    self.init(dtype: .float32, shape: shape, storage: storage)
  }

  /// Fills a new float32 tensor in place.
  public init(shape: Shape, fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    let storage = try ByteStorage(count: shape.elementCount * 4) {
      try fill($0.bindMemory(to: Float.self))
    }
    self.init(dtype: .float32, shape: shape, storage: storage)
  }

  /// Lends the raw bytes of the values.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try storage.withUnsafeBytes { bytes in
      try body(UnsafeRawBufferPointer(rebasing: bytes[byteOffset..<byteOffset + byteCount]))
    }
  }

  /// A view of a stretch of the values, in row-major order, as a list.
  package func elements(_ range: Range<Int>) -> Tensor {
    precondition(0 <= range.lowerBound && range.upperBound <= shape.elementCount)
    return Tensor(
      dtype: dtype, shape: [range.count], storage: storage,
      byteOffset: byteOffset + range.lowerBound * dtype.byteWidth)
  }

  /// Lets go of the memory behind the values where a file can give it back, in whole pages.
  ///
  /// For values that were copied into another form: they can still be read, at the price of
  /// fetching them again. Does nothing to values that are not in a mapped file.
  package func discardPages() {
    storage.discardPages(in: byteOffset..<byteOffset + byteCount)
  }

  /// The same values under another shape with as many elements.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.elementCount == self.shape.elementCount)
    return Tensor(dtype: dtype, shape: shape, storage: storage, byteOffset: byteOffset)
  }
}
