import GraphIR

/// A member of a tar checkpoint, as bytes of its own, so that nothing reads beyond it.
struct TarMember {
  private(set) var reader: ByteReader
  /// Where the member begins in the file.
  let start: Int

  /// Storages or tensors of one archive.
  private static let maximumRecords = 1 << 17

  init(_ name: String, at range: Range<Int>, of file: ByteStorage, _ origin: ByteOrigin) {
    let block = StorageBytes(storage: file, range: range).block
    reader = ByteReader(block, origin: ByteOrigin(file: origin.file, record: name))
    start = range.lowerBound
  }

  func error(_ fault: CheckpointError.TarFault) -> CheckpointError {
    reader.origin.error(.invalidTarRecord(fault), at: reader.offset)
  }

  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(CheckpointError) -> Int {
    Int(truncatingIfNeeded: try reader.integer(type))
  }

  mutating func integers(_ count: Int) throws(CheckpointError) -> [Int] {
    var values: [Int] = []
    for _ in 0..<count { values.append(try integer(Int64.self)) }
    return values
  }

  /// Steps over bytes, and returns where they lie in the file.
  mutating func take(_ count: Int) throws(CheckpointError) -> Range<Int> {
    let range = try reader.take(count)
    return start + range.lowerBound..<start + range.upperBound
  }

  /// The next pickle, which refers to nothing outside itself.
  mutating func object() throws(CheckpointError) -> (root: PickleRef, heap: PickleHeap) {
    var machine = PickleMachine(reader, layout: .plain)
    let root = try machine.run()
    reader = machine.reader
    return (root, machine.heap)
  }

  /// The next pickle, a count of records.
  mutating func count() throws(CheckpointError) -> Int {
    let (root, heap) = try object()
    guard let count = heap.integer(root), count >= 0 else { throw error(.noCount) }
    guard count <= Self.maximumRecords else {
      throw reader.origin.error(.limit(.tensors, maximum: Self.maximumRecords))
    }
    return count
  }
}

/// The storages and tensors that a tar checkpoint numbers.
struct TarRecords {
  /// Where each storage lies in the file.
  private(set) var ranges: [String: Range<Int>] = [:]
  private(set) var byteCount = 0
  /// Storages and tensors, by number.
  private(set) var objects: [Int: PickleValue] = [:]

  mutating func readStorages(_ member: TarMember) throws(CheckpointError) {
    var member = member
    for _ in 0..<(try member.count()) {
      let (root, heap) = try member.object()
      // (number, location, class).
      guard let parts = heap.tuple(root), parts.count == 3, let number = heap.integer(parts[0]),
        case .global(.storage(let element)) = heap[parts[2]]
      else { throw member.error(.noStorage) }
      let start = member.reader.offset
      let count = try member.integer(Int64.self)
      let reference = StorageReference(element: element, key: String(number), elementCount: count)
      guard count >= 0, let byteCount = reference.byteCount else {
        throw member.reader.origin.error(
          .lengthOutOfRange(String(count), available: member.reader.remaining), at: start)
      }
      let range = try member.take(byteCount)
      guard ranges[reference.key] == nil else {
        throw member.reader.origin.error(.duplicateStorage(key: reference.key), at: start)
      }
      ranges[reference.key] = range
      self.byteCount += byteCount
      objects[number] = .storage(reference)
    }
    try readViews(&member)
  }

  /// A list of (number, number of the whole storage, offset, element count).
  private mutating func readViews(_ member: inout TarMember) throws(CheckpointError) {
    let (root, heap) = try member.object()
    guard case .list(let views) = heap[root] else { throw member.error(.noViews) }
    for view in views {
      guard let numbers = heap.integers(view), numbers.count == 4,
        case .storage(var reference)? = objects[numbers[1]], reference.view == nil,
        numbers[2] >= 0, numbers[3] >= 0, numbers[2] <= reference.elementCount,
        numbers[3] <= reference.elementCount - numbers[2]
      else { throw member.error(.noViews) }
      reference.view = numbers[2]..<numbers[2] + numbers[3]
      objects[numbers[0]] = .storage(reference)
    }
  }

  mutating func readTensors(_ member: TarMember) throws(CheckpointError) {
    var member = member
    for _ in 0..<(try member.count()) {
      let (root, heap) = try member.object()
      // (number, number of the storage, class).
      guard let parts = heap.tuple(root), parts.count == 3, let number = heap.integer(parts[0]),
        let key = heap.integer(parts[1]), case .storage(let storage)? = objects[key]
      else { throw member.error(.noTensor) }
      let rank = try member.integer(Int32.self)
      // The rank was once written in eight bytes.
      _ = try member.take(4)
      guard (0...PickleMachine.maximumRank).contains(rank) else {
        throw member.reader.origin.error(.limit(.rank, maximum: PickleMachine.maximumRank))
      }
      let (shape, strides) = (try member.integers(rank), try member.integers(rank))
      let offset = try member.integer(Int64.self)
      guard offset >= 0, (shape + strides).allSatisfy({ $0 >= 0 }) else {
        throw member.reader.origin.error(
          .negativeGeometry(offset: offset, shape: shape, strides: strides))
      }
      guard case .typed(let dtype) = storage.element else { throw member.error(.noTensor) }
      objects[number] = .tensor(
        TensorRecord(
          storage: storage, dtype: dtype, offset: offset, shape: shape, strides: strides))
    }
  }
}
