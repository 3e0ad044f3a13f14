import CZip
import GraphIR

/// A zip archive in memory; nothing is ever extracted to disk.
///
/// libzip judges the archive and inflates; entries that are not compressed are lent where they
/// lie.
package final class ZipArchive {
  struct Entry {
    let index: UInt64
    /// Once it is inflated.
    let size: Int
    /// Where it lies in the archive.
    let range: Range<Int>
    let isStored: Bool
    let checksum: UInt32
  }

  /// More entries than any checkpoint has tensors; each costs some 300 bytes.
  package static let maximumEntries = 1 << 18
  /// What all compressed entries may inflate to, as a multiple of the file's size.
  ///
  /// Trained weights hardly compress, so this leaves room and stops archives that inflate a
  /// thousandfold.
  static let maximumInflation = 2
  /// Small files may inflate further, to this many bytes.
  package static let inflationFloor = 1 << 23
  /// The same for an archive within one, of which there may be 1,024.
  static let memberInflationFloor = 1 << 15

  let origin: ByteOrigin
  /// Entry names in the order of the central directory.
  let names: [String]
  /// Whether the writer left out the checksums, as `torch.serialization.set_crc32_options` allows.
  let lacksChecksums: Bool
  private let entries: [String: Entry]
  // libzip reads from these bytes as long as the archive is open.
  private let storage: ByteStorage
  private let handle: OpaquePointer

  init(
    _ storage: ByteStorage, file: String, isMember: Bool = false
  ) throws(CheckpointError) {
    origin = ByteOrigin(file: file, fileSize: storage.bytes.count)
    self.storage = storage
    handle = try Self.open(storage, origin)
    do {
      let floor = isMember ? Self.memberInflationFloor : Self.inflationFloor
      (names, entries) = try Self.list(handle, storage, origin, inflationFloor: floor)
    } catch {
      zip_discard(handle)
      throw error
    }
    lacksChecksums = entries.values.allSatisfy { $0.checksum == 0 }
  }

  deinit { zip_discard(handle) }

  /// The bytes of an entry once it is inflated; nil where there is none.
  func size(of name: String) -> Int? { entries[name]?.size }

  /// The bytes of all entries in a folder.
  func size(below prefix: String) -> Int {
    entries.reduce(0) { $1.key.hasPrefix(prefix) ? $0 + $1.value.size : $0 }
  }

  /// One entry whole, its checksum compared: a view of the archive, or inflated into memory.
  ///
  /// A view may be had unverified, so that only what is looked at in it is read from the disk.
  func read(
    _ name: String, verifyingViews: Bool = true
  ) throws(CheckpointError) -> StorageBytes {
    let origin = ByteOrigin(file: origin.file, record: name)
    guard let entry = entries[name] else {
      throw self.origin.error(.missingRecord(name))
    }
    guard entry.isStored else {
      let bytes = try inflate(entry, origin)
      return StorageBytes(storage: bytes, range: 0..<entry.size)
    }
    let bytes = StorageBytes(storage: storage, range: entry.range)
    guard !verifyingViews || lacksChecksums || bytes.checksum == entry.checksum else {
      throw origin.error(.wrongChecksum)
    }
    return bytes
  }

  /// The first bytes of an entry, at most `count`, without comparing its checksum.
  func head(of name: String, count: Int) throws(CheckpointError) -> [UInt8] {
    guard let entry = entries[name] else { throw origin.error(.missingRecord(name)) }
    let count = min(count, entry.size)
    if entry.isStored { return Array(storage.bytes[entry.range].prefix(count)) }
    let origin = ByteOrigin(file: origin.file, record: name)
    let file = try open(entry, origin)
    defer { zip_fclose(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    if let failure = bytes.withUnsafeMutableBytes({ Self.fill($0, from: file) }) {
      throw origin.error(failure)
    }
    return bytes
  }

  private func open(
    _ entry: Entry, _ origin: ByteOrigin
  ) throws(CheckpointError) -> OpaquePointer {
    guard let file = zip_fopen_index(handle, entry.index, 0) else {
      throw origin.error(Self.reason(zip_get_error(handle)))
    }
    return file
  }

  private func inflate(
    _ entry: Entry, _ origin: ByteOrigin
  ) throws(CheckpointError) -> ByteStorage {
    let file = try open(entry, origin)
    defer { zip_fclose(file) }
    var failure: CheckpointError.Reason?
    let bytes = ByteStorage(count: entry.size) { memory in
      failure = Self.fill(memory, from: file)
      // Only a read that meets the end compares the checksum and the size.
      if failure == nil { failure = Self.finish(file, count: memory.count) }
    }
    if let failure { throw origin.error(failure) }
    return bytes
  }

  private static func fill(
    _ memory: UnsafeMutableRawBufferPointer, from file: OpaquePointer
  ) -> CheckpointError.Reason? {
    var filled = 0
    while filled < memory.count, let base = memory.baseAddress {
      let count = zip_fread(file, base + filled, UInt64(memory.count - filled))
      if count < 0 { return reason(zip_file_get_error(file)) }
      if count == 0 { return .wrongEntrySize(declared: memory.count, found: filled) }
      filled += Int(count)
    }
    return nil
  }

  private static func finish(_ file: OpaquePointer, count: Int) -> CheckpointError.Reason? {
    var extra: UInt8 = 0
    let read = zip_fread(file, &extra, 1)
    if read < 0 { return reason(zip_file_get_error(file)) }
    return read == 0 ? nil : .wrongEntrySize(declared: count, found: count + 1)
  }

  static func reason(_ error: UnsafeMutablePointer<zip_error_t>?) -> CheckpointError.Reason {
    guard let error else { return .brokenZip("unknown error") }
    switch zip_error_code_zip(error) {
    case ZIP_ER_CRC: return .wrongChecksum
    case ZIP_ER_EXISTS: return .duplicateEntry
    default: return .brokenZip(String(cString: zip_error_strerror(error)))
    }
  }
}
