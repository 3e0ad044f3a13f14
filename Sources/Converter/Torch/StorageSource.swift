import GraphIR

/// Where the bytes of storages come from.
protocol StorageSource {
  var origin: ByteOrigin { get }
  /// Whether numbers lie with their highest byte first.
  var isBigEndian: Bool { get }
  /// The bytes of all tensors in the file.
  var byteCount: Int { get }
  /// How many bytes a storage has, which are as many as its reference says; none is looked at.
  func size(of reference: StorageReference) throws(CheckpointError) -> Int
  /// The bytes of a storage, their checksum compared where there is one.
  mutating func bytes(of reference: StorageReference) throws(CheckpointError) -> StorageBytes
}

/// A file in which each storage lies in one piece.
protocol StorageFile: StorageSource {
  var file: ByteStorage { get }
  /// Where the bytes of each storage lie, by its key.
  var ranges: [String: Range<Int>] { get }
}

extension StorageFile {
  func size(of reference: StorageReference) throws(CheckpointError) -> Int {
    try bytes(of: reference).range.count
  }

  func bytes(of reference: StorageReference) throws(CheckpointError) -> StorageBytes {
    guard let range = ranges[reference.key] else {
      throw origin.error(.missingStorage(key: reference.key))
    }
    let part = try reference.part(of: range.count, origin)
    let start = range.lowerBound + part.lowerBound
    return StorageBytes(storage: file, range: start..<start + part.count)
  }
}

extension StorageReference {
  /// Bytes of the whole storage, of which this may be a part; nil where they do not fit a number.
  var byteCount: Int? {
    let (count, overflow) = elementCount.multipliedReportingOverflow(by: element.byteWidth)
    return overflow ? nil : count
  }

  /// The part that this refers to, in bytes of the whole storage, which has been measured.
  ///
  /// - Throws: where the storage is of another size than this says.
  func part(of found: Int, _ origin: ByteOrigin) throws(CheckpointError) -> Range<Int> {
    guard byteCount == found else {
      throw origin.error(.storageSize(key: key, expected: byteCount ?? .max, found: found))
    }
    guard let view else { return 0..<found }
    // The view lies within the element count, and that within the bytes.
    let width = element.byteWidth
    return view.lowerBound * width..<view.upperBound * width
  }
}
