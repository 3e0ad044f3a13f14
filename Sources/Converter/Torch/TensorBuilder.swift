import GraphIR

/// Turns tensor records into tensors: views where the values lie in order, copies elsewhere.
struct TensorBuilder<Source: StorageSource> {
  var source: Source
  /// Bytes that tensors may still take in all.
  private var budget: Int
  private let maximum: Int

  /// All tensors together may hold this many times the bytes that their storages have: a few tied
  /// or expanded weights are normal, a small file that describes terabytes is not.
  static var maximumExpansion: Int { 4 }

  init(_ source: Source) {
    self.source = source
    let (scaled, overflow) = source.byteCount.multipliedReportingOverflow(by: Self.maximumExpansion)
    maximum = max(TensorLimits.expansionFloor, overflow ? .max : scaled)
    budget = maximum
  }

  /// Builds one tensor; its values are in row-major order, whatever the record's strides are.
  mutating func build(_ record: TensorRecord, name: String) throws(CheckpointError) -> Tensor {
    let origin = source.origin
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(file: origin.file, tensor: name, reason: reason)
    }
    let shape = Shape(record.shape)
    let width = record.dtype.byteWidth
    guard let count = shape.checkedElementCount,
      case let (byteCount, overflow) = count.multipliedReportingOverflow(by: width), !overflow
    else { throw failure(.tooLarge(shape: record.shape)) }
    guard byteCount <= budget else { throw failure(.tensorBudget(maximum: maximum)) }
    budget -= byteCount
    guard count > 0 else {
      return Tensor(dtype: record.dtype, shape: shape, storage: ByteStorage(count: 0) { _ in })
    }

    let bytes: StorageBytes
    do { bytes = try source.bytes(of: record.storage) } catch {
      throw CheckpointError(
        file: error.file, record: error.record, offset: error.offset, tensor: name,
        reason: error.reason)
    }
    let available = bytes.range.count / width
    guard let needed = record.extent, needed <= available else {
      throw failure(.outOfBounds(needed: record.extent ?? .max, available: available))
    }
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
    return Tensor(dtype: record.dtype, shape: shape, storage: storage)
  }

  private func swapBytes(_ memory: UnsafeMutableRawBufferPointer, width: Int) {
    for start in stride(from: 0, to: memory.count, by: width) {
      memory[start..<start + width].reverse()
    }
  }
}

extension TensorRecord {
  /// Elements that the storage must have for the last value to lie in it; nil where the number
  /// does not fit.
  fileprivate var extent: Int? {
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (reach, tooFar) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooLarge) = last.addingReportingOverflow(reach)
      if tooFar || tooLarge { return nil }
      last = sum
    }
    return last == .max ? nil : last + 1
  }

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

/// Bounds on what the tensors of one file may take.
package enum TensorLimits {
  /// Bytes that are allowed to any file: a small one may expand a bias to a large constant.
  package static let expansionFloor = 1 << 26
}
