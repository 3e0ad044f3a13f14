import GraphIR

/// The layout that PyTorch wrote before 1.6: five pickles, then the storages one after the other.
///
/// After `_legacy_save` and `_legacy_load` in `torch/serialization.py`. The pickles are the magic
/// number, the protocol, facts about the writer, the object, and the storage keys; each storage is
/// its element count (64 bits) and its bytes. Numbers are little-endian whatever the writer's
/// machine was.
struct TorchLegacy: StorageFile {
  let origin: ByteOrigin
  let isBigEndian = false
  let object: PickledObject
  /// Bytes behind the last storage, which PyTorch ignores too.
  let trailingByteCount: Int
  let byteCount: Int
  let file: ByteStorage
  let ranges: [String: Range<Int>]

  static let protocolVersion = 1001
  private static let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

  init(_ file: ByteStorage, name: String) throws(CheckpointError) {
    self.file = file
    origin = ByteOrigin(file: name)
    var reader = ByteReader(file, origin: origin)

    let magic = try Self.load(&reader, .plain)
    guard case .longInteger(let range) = magic.heap[magic.root],
      [Self.magic, FileKind.legacyTextMagic].contains(where: file.bytes[range].elementsEqual)
    else { throw origin.error(.wrongLegacyMagic) }

    let version = try Self.load(&reader, .plain)
    let number = version.heap.integer(version.root)
    guard number == Self.protocolVersion else {
      throw origin.error(.unsupportedLegacyProtocol(number))
    }
    // What the writer's machine was like has no influence on the data.
    _ = try Self.load(&reader, .plain)

    object = try Self.load(&reader, .legacy)
    (ranges, byteCount) = try Self.locate(&reader, object.heap)
    trailingByteCount = reader.remaining
  }

  /// Runs one pickle and leaves the reader behind it.
  private static func load(
    _ reader: inout ByteReader, _ layout: TorchLayout
  ) throws(CheckpointError) -> PickledObject {
    var machine = PickleMachine(reader, layout: layout)
    let object = try PickledObject(&machine)
    reader = machine.reader
    return object
  }

  /// Steps over the storages, in the order of their keys, and notes where each one lies.
  private static func locate(
    _ reader: inout ByteReader, _ heap: PickleHeap
  ) throws(CheckpointError) -> ([String: Range<Int>], byteCount: Int) {
    let origin = reader.origin
    let list = try load(&reader, .plain)
    guard case .list(let keys) = list.heap[list.root] else {
      throw origin.error(.invalidStorageList)
    }
    let references = heap.storages()
    var ranges: [String: Range<Int>] = [:]
    var byteCount = 0
    for keyRef in keys {
      let start = reader.offset
      guard let key = list.heap.text(keyRef) else { throw origin.error(.invalidStorageList) }
      guard let reference = references[key] else {
        throw origin.error(.unreferencedStorage(key: key), at: start)
      }
      guard ranges[key] == nil else { throw origin.error(.duplicateStorage(key: key), at: start) }
      let count = Int(try reader.integer(Int64.self))
      guard count == reference.elementCount else {
        throw origin.error(
          .storageSize(key: key, expected: reference.elementCount, found: count), at: start)
      }
      let (size, overflow) = count.multipliedReportingOverflow(by: reference.element.byteWidth)
      ranges[key] = try reader.take(overflow ? .max : size)
      byteCount += size
    }
    return (ranges, byteCount)
  }
}

extension PickleHeap {
  /// Every storage that the pickle names, by key; the first mention says how its elements count.
  fileprivate func storages() -> [String: StorageReference] {
    var found: [String: StorageReference] = [:]
    for value in all {
      if case .storage(let reference) = value, found[reference.key] == nil {
        found[reference.key] = reference
      }
    }
    return found
  }
}
