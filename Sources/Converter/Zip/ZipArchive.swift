import CZip
import GraphIR

/// A zip archive in memory, read through libzip; nothing is ever extracted to disk.
package final class ZipArchive {
  struct Entry {
    let index: UInt64
    let size: Int
    let isStored: Bool
  }

  /// More entries than any checkpoint has tensors; each costs libzip some 100 bytes.
  static let maximumEntries = 1 << 18
  /// What all compressed entries may inflate to, as a multiple of the file's size.
  ///
  /// Trained weights hardly compress, so this leaves room and stops archives that inflate a
  /// thousandfold.
  static let maximumInflation = 16
  /// Small files may inflate further, to this many bytes.
  package static let inflationFloor = 1 << 24

  let origin: ByteOrigin
  /// Entry names in the order of the central directory.
  let names: [String]
  /// Whether the writer left out the checksums, as `torch.serialization.set_crc32_options` allows.
  let lacksChecksums: Bool
  private let entries: [String: Entry]
  // libzip reads from these bytes as long as the archive is open.
  private let storage: ByteStorage
  private let handle: OpaquePointer

  init(_ storage: ByteStorage, file: String) throws(CheckpointError) {
    origin = ByteOrigin(file: file)
    self.storage = storage
    handle = try Self.open(storage, origin)
    do {
      (names, entries, lacksChecksums) = try Self.list(handle, storage.bytes.count, origin)
    } catch {
      zip_discard(handle)
      throw error
    }
  }

  deinit { zip_discard(handle) }

  /// The bytes of an entry once it is inflated; nil where there is none.
  func size(of name: String) -> Int? { entries[name]?.size }

  /// The bytes of all entries in a folder.
  func size(below prefix: String) -> Int {
    entries.reduce(0) { $1.key.hasPrefix(prefix) ? $0 + $1.value.size : $0 }
  }

  /// Reads one entry whole into memory, inflating it and checking its checksum.
  func read(_ name: String) throws(CheckpointError) -> ByteStorage {
    let origin = ByteOrigin(file: origin.file, record: name)
    guard let entry = entries[name] else {
      throw self.origin.error(.missingRecord(name))
    }
    guard let file = zip_fopen_index(handle, entry.index, 0) else {
      throw origin.error(Self.reason(zip_get_error(handle)))
    }
    defer { zip_fclose(file) }

    var failure: CheckpointError.Reason?
    let bytes = ByteStorage(count: entry.size) { memory in
      failure = Self.fill(memory, from: file)
      // Only a read that meets the end compares the checksum and the size.
      if failure == nil, !lacksChecksums || !entry.isStored {
        failure = Self.finish(file, count: memory.count)
      }
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
}

// Opening.
extension ZipArchive {
  private static func open(
    _ storage: ByteStorage, _ origin: ByteOrigin
  ) throws(CheckpointError) -> OpaquePointer {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    let bytes = storage.bytes
    guard
      let source = zip_source_buffer_create(bytes.baseAddress, UInt64(bytes.count), 0, &error)
    else { throw origin.error(reason(&error)) }
    guard let handle = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) else {
      zip_source_free(source)
      throw origin.error(reason(&error))
    }
    return handle
  }

  private static func list(
    _ handle: OpaquePointer, _ fileSize: Int, _ origin: ByteOrigin
  ) throws(CheckpointError) -> ([String], [String: Entry], lacksChecksums: Bool) {
    let count = zip_get_num_entries(handle, 0)
    guard count <= maximumEntries else {
      throw origin.error(.limit(.entries, maximum: maximumEntries))
    }
    let inflationLimit = max(
      inflationFloor, fileSize.multipliedReportingOverflow(by: maximumInflation).partialValue)
    var names: [String] = []
    var entries: [String: Entry] = [:]
    var checksums = false
    var (stored, inflated) = (0, 0)
    for index in 0..<UInt64(max(count, 0)) {
      var status = zip_stat_t()
      zip_stat_init(&status)
      guard zip_stat_index(handle, index, 0, &status) == 0 else {
        throw origin.error(reason(zip_get_error(handle)))
      }
      guard let raw = zip_get_name(handle, index, UInt32(ZIP_FL_ENC_RAW)),
        let name = String(validatingCString: raw)
      else { throw origin.error(.unsafeEntryName("one that is not UTF-8")) }
      guard isSafe(name) else { throw origin.error(.unsafeEntryName(name)) }
      let origin = ByteOrigin(file: origin.file, record: name)
      guard entries[name] == nil else { throw origin.error(.duplicateEntry) }
      guard status.encryption_method == ZIP_EM_NONE else { throw origin.error(.encryptedEntry) }
      let method = Int(status.comp_method)
      guard method == ZIP_CM_STORE || method == ZIP_CM_DEFLATE else {
        throw origin.error(.unsupportedCompression(method: method))
      }
      let limit = method == ZIP_CM_STORE ? fileSize : inflationLimit
      guard let size = Int(exactly: status.size), size <= limit else {
        throw origin.error(.inflatesTooFar(size: Int(clamping: status.size), maximum: limit))
      }
      if method == ZIP_CM_STORE {
        stored += size
        guard status.comp_size == status.size else {
          throw origin.error(
            .wrongEntrySize(declared: size, found: Int(clamping: status.comp_size)))
        }
        guard stored <= fileSize else { throw origin.error(.overlappingEntries) }
      } else {
        inflated += size
        guard inflated <= inflationLimit else {
          throw origin.error(.inflatesTooFar(size: inflated, maximum: inflationLimit))
        }
      }
      if status.crc != 0 { checksums = true }
      names.append(name)
      entries[name] = Entry(index: index, size: size, isStored: method == ZIP_CM_STORE)
    }
    return (names, entries, lacksChecksums: !checksums)
  }

  /// Names that would leave a folder they were unpacked to have no place in a checkpoint.
  private static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.contains("\\")
      && !name.split(separator: "/").contains("..")
  }

  private static func reason(
    _ error: UnsafeMutablePointer<zip_error_t>?
  ) -> CheckpointError.Reason {
    guard let error else { return .brokenZip("unknown error") }
    switch zip_error_code_zip(error) {
    case ZIP_ER_CRC: return .wrongChecksum
    case ZIP_ER_EXISTS: return .duplicateEntry
    default: return .brokenZip(String(cString: zip_error_strerror(error)))
    }
  }
}
