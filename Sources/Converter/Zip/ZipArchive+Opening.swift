import CZip
import GraphIR

extension ZipArchive {
  static func open(
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

  /// Every entry, as libzip and our own reading of the directory agree on it.
  static func list(
    _ handle: OpaquePointer, _ storage: ByteStorage, _ origin: ByteOrigin, inflationFloor: Int
  ) throws(CheckpointError) -> ([String], [String: Entry]) {
    let count = Int(max(zip_get_num_entries(handle, 0), 0))
    guard count <= maximumEntries else {
      throw origin.error(.limit(.entries, maximum: maximumEntries))
    }
    var (names, entries) = ([String](), [String: Entry]())
    names.reserveCapacity(count)
    entries.reserveCapacity(count)
    var budget = InflationBudget(fileSize: storage.bytes.count, floor: inflationFloor)
    var statuses: [zip_stat_t] = []
    for index in 0..<UInt64(count) {
      let (name, status) = try self.status(handle, index, origin)
      guard entries[name] == nil else {
        throw ByteOrigin(file: origin.file, record: name).error(.duplicateEntry)
      }
      try budget.spend(status, ByteOrigin(file: origin.file, record: name))
      names.append(name)
      statuses.append(status)
      // Its place is not known yet, only that the name is taken.
      entries[name] = Entry(index: index, size: 0, range: 0..<0, isStored: true, checksum: 0)
    }

    let directory = try ZipDirectory(storage, origin)
    guard directory.records.count == count else {
      throw origin.error(.brokenZip("its directory can be read in two ways"))
    }
    let ranges = try directory.ranges()
    for (index, record) in directory.records.enumerated() {
      let (name, status) = (names[index], statuses[index])
      let size = Int(clamping: status.size)
      guard storage.bytes[record.name].elementsEqual(name.utf8), record.fullSize == size,
        UInt64(record.size) == status.comp_size, record.checksum == status.crc,
        record.method == status.comp_method
      else {
        throw ByteOrigin(file: origin.file, record: name)
          .error(.brokenZip("its directory can be read in two ways"))
      }
      entries[name] = Entry(
        index: UInt64(index), size: size, range: ranges[index],
        isStored: Int(record.method) == ZIP_CM_STORE, checksum: record.checksum)
    }
    return (names, entries)
  }

  private static func status(
    _ handle: OpaquePointer, _ index: UInt64, _ origin: ByteOrigin
  ) throws(CheckpointError) -> (name: String, zip_stat_t) {
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_stat_index(handle, index, 0, &status) == 0 else {
      throw origin.error(reason(zip_get_error(handle)))
    }
    guard let raw = zip_get_name(handle, index, UInt32(ZIP_FL_ENC_RAW)),
      let name = String(validatingCString: raw)
    else { throw origin.error(.unsafeEntryName("one that is not UTF-8")) }
    guard isSafe(name) else { throw origin.error(.unsafeEntryName(name)) }
    return (name, status)
  }

  /// Names that would leave a folder they were unpacked to have no place in a checkpoint.
  private static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.contains("\\")
      && !name.split(separator: "/").contains("..")
  }
}

/// What the entries of one archive may fill.
private struct InflationBudget {
  private let fileSize: Int
  private let limit: Int
  private var (stored, inflated) = (0, 0)

  init(fileSize: Int, floor: Int) {
    self.fileSize = fileSize
    limit = max(
      floor,
      fileSize.multipliedReportingOverflow(by: ZipArchive.maximumInflation).partialValue)
  }

  /// Counts an entry, or says why it is refused.
  mutating func spend(_ status: zip_stat_t, _ origin: ByteOrigin) throws(CheckpointError) {
    guard status.encryption_method == ZIP_EM_NONE else { throw origin.error(.encryptedEntry) }
    let method = Int(status.comp_method)
    guard method == ZIP_CM_STORE || method == ZIP_CM_DEFLATE else {
      throw origin.error(.unsupportedCompression(method: method))
    }
    let limit = method == ZIP_CM_STORE ? fileSize : limit
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
      guard inflated <= limit else {
        throw origin.error(.inflatesTooFar(size: inflated, maximum: limit))
      }
    }
  }
}
