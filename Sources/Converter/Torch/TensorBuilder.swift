import GraphIR

/// Turns tensor records that were checked into tensors: views where the values lie in order,
/// copies elsewhere.
struct TensorBuilder {
  private var source: any StorageSource
  /// Records that occur more than once: tied weights, which stay one where they are copied.
  private let tied: Set<TensorRecord>
  private var copies: [TensorRecord: Tensor] = [:]

  init(_ source: any StorageSource, tied: Set<TensorRecord> = []) {
    self.source = source
    self.tied = tied
  }

  /// Builds one tensor; its values are in row-major order, whatever the record's strides are.
  mutating func build(_ record: TensorRecord, name: String) throws(CheckpointError) -> Tensor {
    let shape = Shape(record.shape)
    let width = record.dtype.byteWidth
    let byteCount = shape.elementCount * width
    guard byteCount > 0 else {
      return Tensor(dtype: record.dtype, shape: shape, storage: ByteStorage(count: 0) { _ in })
    }
    if let copy = copies[record] { return copy }
    let bytes: StorageBytes
    do { bytes = try source.bytes(of: record.storage) } catch { throw error.naming(name) }
    let start = bytes.range.lowerBound + record.offset * width
    if record.isView(ofBigEndian: source.isBigEndian) {
      return Tensor(dtype: record.dtype, shape: shape, storage: bytes.storage, byteOffset: start)
    }
    let storage = ByteStorage(count: byteCount) { memory in
      withExtendedLifetime(bytes.storage) {
        record.gather(bytes.storage.bytes, from: start, into: memory)
      }
      if source.isBigEndian { swapBytes(of: memory, width: record.dtype.swapWidth) }
    }
    let copy = Tensor(dtype: record.dtype, shape: shape, storage: storage)
    if tied.contains(record) { copies[record] = copy }
    return copy
  }
}

extension TensorRecord {
  /// Whether the values can be used where they lie: in row-major order without gaps, and in this
  /// machine's byte order.
  ///
  /// The stride of a single index says nothing.
  func isView(ofBigEndian isBigEndian: Bool) -> Bool {
    if isBigEndian, dtype.swapWidth > 1 { return false }
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return false }
      // A shape with a zero in it may hold any numbers besides.
      expected = expected.multipliedReportingOverflow(by: size).partialValue
    }
    return true
  }

  /// Copies the values into row-major order.
  ///
  /// All of them were found to lie in `source`.
  fileprivate func gather(
    _ source: UnsafeRawBufferPointer, from start: Int, into memory: UnsafeMutableRawBufferPointer
  ) {
    switch dtype.byteWidth {
    case 1: gather(UInt8.self, source, from: start, into: memory)
    case 2: gather(UInt16.self, source, from: start, into: memory)
    case 4: gather(UInt32.self, source, from: start, into: memory)
    case 8: gather(UInt64.self, source, from: start, into: memory)
    case 16: gather(SIMD2<UInt64>.self, source, from: start, into: memory)
    case let width: preconditionFailure("elements of \(width) bytes")
    }
  }

  /// Copies values that are as wide as `Element`.
  private func gather<Element: BitwiseCopyable>(
    _ type: Element.Type, _ source: UnsafeRawBufferPointer, from start: Int,
    into memory: UnsafeMutableRawBufferPointer
  ) {
    let width = dtype.byteWidth
    // A dimension of one never steps, and its stride may be any number.
    let steps = zip(shape, strides).map { $0 == 1 ? 0 : $1 * width }
    let (rowSize, step) = (shape.last ?? 1, steps.last ?? 0)
    var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var (row, written) = (start, 0)
    while written < memory.count {
      var from = row
      for _ in 0..<rowSize {
        memory.storeBytes(
          of: source.loadUnaligned(fromByteOffset: from, as: type), toByteOffset: written, as: type)
        from += step
        written += width
      }
      // The next row: the innermost of the outer dimensions moves fastest.
      for axis in index.indices.reversed() {
        index[axis] += 1
        row += steps[axis]
        if index[axis] < shape[axis] { break }
        row -= shape[axis] * steps[axis]
        index[axis] = 0
      }
    }
  }
}

/// Turns round the bytes of every number.
private func swapBytes(of memory: UnsafeMutableRawBufferPointer, width: Int) {
  func swap<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) {
    for offset in stride(from: 0, to: memory.count, by: width) {
      let number = memory.loadUnaligned(fromByteOffset: offset, as: type)
      memory.storeBytes(of: number.byteSwapped, toByteOffset: offset, as: type)
    }
  }
  switch width {
  case 2: swap(UInt16.self)
  case 4: swap(UInt32.self)
  case 8: swap(UInt64.self)
  default: break
  }
}
