import GraphIR

/// Compares what tensors claim with what their storages have, without looking at a value.
struct TensorChecker {
  private let source: any StorageSource
  /// Bytes that tensors may still take in all.
  private var budget: Int
  private let maximum: Int
  /// Bytes that may still be copied in all.
  private var copyBudget: Int
  private let maximumCopies: Int

  /// All tensors together may hold this many times the bytes that their storages have: a few tied
  /// or expanded weights are normal, a small file that describes terabytes is not.
  static let maximumExpansion = 4

  init(_ source: any StorageSource, copyFloor: Int) {
    self.source = source
    let (scaled, overflow) = source.byteCount.multipliedReportingOverflow(by: Self.maximumExpansion)
    maximum = max(TensorLimits.expansionFloor, overflow ? .max : scaled)
    budget = maximum
    maximumCopies = copyFloor + (source.origin.fileSize ?? source.byteCount)
    copyBudget = maximumCopies
  }

  /// Counts bytes that a tensor will fill, in memory of its own where it is a copy.
  mutating func reserve(
    _ byteCount: Int, isCopy: Bool, name: String
  ) throws(CheckpointError) {
    func failure(_ maximum: Int) -> CheckpointError {
      CheckpointError(
        file: source.origin.file, tensor: name, reason: .tensorBudget(maximum: maximum))
    }
    guard byteCount <= budget else { throw failure(maximum) }
    budget -= byteCount
    guard isCopy else { return }
    guard byteCount <= copyBudget else { throw failure(maximumCopies) }
    copyBudget -= byteCount
  }

  /// Checks one tensor, and counts it.
  mutating func check(_ record: TensorRecord, name: String) throws(CheckpointError) {
    let origin = source.origin
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(file: origin.file, tensor: name, reason: reason)
    }
    guard let count = Shape(record.shape).checkedElementCount,
      case let (byteCount, overflow) = count.multipliedReportingOverflow(
        by: record.dtype.byteWidth), !overflow
    else { throw failure(.tooLarge(shape: record.shape)) }
    let isCopy = !record.isView(ofBigEndian: source.isBigEndian)
    try reserve(byteCount, isCopy: isCopy, name: name)
    guard count > 0 else { return }

    let available: Int
    do { available = try source.size(of: record.storage) / record.dtype.byteWidth } catch {
      throw error.naming(name)
    }
    guard let needed = record.extent, needed <= available else {
      throw failure(.outOfBounds(needed: record.extent ?? .max, available: available))
    }
  }
}

extension CheckpointError {
  /// The same fault, with the tensor that met it.
  func naming(_ tensor: String) -> CheckpointError {
    CheckpointError(file: file, record: record, offset: offset, tensor: tensor, reason: reason)
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
}

/// Bounds on what the tensors of one file may take.
package enum TensorLimits {
  /// Bytes that are allowed to any file: a small one may expand a bias to a large constant.
  package static let expansionFloor = 1 << 26
  /// Bytes that may be copied into order, beyond as many as the file has.
  package static let copyFloor = 1 << 23
  /// The same for each of up to 1,024 checkpoints in one archive.
  static let memberCopyFloor = 1 << 13
}
