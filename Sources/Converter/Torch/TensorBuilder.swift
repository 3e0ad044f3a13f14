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
    if record.isContiguous, !source.isBigEndian || record.dtype.swapWidth == 1 {
      return Tensor(dtype: record.dtype, shape: shape, storage: bytes.storage, byteOffset: start)
    }
    let storage = ByteStorage(count: byteCount) { memory in
      withExtendedLifetime(bytes.storage) {
        record.gather(bytes.storage.bytes, from: start, into: memory)
      }
      if source.isBigEndian { swapBytes(memory, width: record.dtype.swapWidth) }
    }
    let copy = Tensor(dtype: record.dtype, shape: shape, storage: storage)
    if tied.contains(record) { copies[record] = copy }
    return copy
  }

  private func swapBytes(_ memory: UnsafeMutableRawBufferPointer, width: Int) {
    for start in stride(from: 0, to: memory.count, by: width) {
      memory[start..<start + width].reverse()
    }
  }
}

extension TensorRecord {
  /// Whether values lie in row-major order without gaps; the stride of a single index says
  /// nothing.
  fileprivate var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected *= size
    }
    return true
  }

  /// Copies the values into row-major order.
  ///
  /// All of them were found to lie in `source`.
  fileprivate func gather(
    _ source: UnsafeRawBufferPointer, from start: Int, into memory: UnsafeMutableRawBufferPointer
  ) {
    let width = dtype.byteWidth
    // A dimension of one never steps, and its stride may be any number.
    let steps = zip(shape, strides).map { $0 == 1 ? 0 : $1 * width }
    let (rowSize, step) = (shape.last ?? 1, steps.last ?? 0)
    let rowBytes = rowSize * width
    var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var (row, written) = (start, 0)
    while written < memory.count {
      if step == width {
        memory[written..<written + rowBytes].copyBytes(from: source[row..<row + rowBytes])
      } else {
        for column in 0..<rowSize {
          let (from, to) = (row + column * step, written + column * width)
          memory[to..<to + width].copyBytes(from: source[from..<from + width])
        }
      }
      written += rowBytes
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
