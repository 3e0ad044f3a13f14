import GraphIR

/// Where the bytes of each entry of a zip archive lie, as its own headers say.
///
/// libzip judges an archive, but does not tell where it found an entry; without that, every tensor
/// would have to be copied out. After APPNOTE.TXT 6.3.10, sections 4.3 to 4.5; read are what
/// `ZipArchive` then compares with libzip's own reading.
struct ZipDirectory {
  /// One record of the central directory.
  struct Record {
    let name: Range<Int>
    let method: UInt16
    let checksum: UInt32
    /// As stored in the file, compressed or not.
    let size: Int
    let fullSize: Int
    /// Where its own header begins.
    let header: Int
  }

  /// In the order of the directory.
  private(set) var records: [Record] = []
  private let storage: ByteStorage
  private let origin: ByteOrigin
  /// Where the central directory begins, and entries must have ended.
  private let start: Int

  private static let endSignature: UInt32 = 0x0605_4b50
  private static let wideEndSignature: UInt32 = 0x0606_4b50
  private static let wideLocatorSignature: UInt32 = 0x0706_4b50
  private static let recordSignature: UInt32 = 0x0201_4b50
  private static let headerSignature: UInt32 = 0x0403_4b50
  private static let (endSize, wideLocatorSize, headerSize) = (22, 20, 30)
  /// The longest comment that may stand behind everything.
  private static let maximumComment = Int(UInt16.max)
  /// The extra field of numbers that do not fit 32 bits.
  private static let wideField: UInt16 = 1

  /// Reads the directory, whose records nothing has compared with the entries yet.
  init(_ storage: ByteStorage, _ origin: ByteOrigin) throws(CheckpointError) {
    self.storage = storage
    self.origin = origin
    let end = try Self.end(storage, origin)
    start = end.start
    guard end.count <= ZipArchive.maximumEntries else {
      throw origin.error(.limit(.entries, maximum: ZipArchive.maximumEntries))
    }
    var reader = ByteReader(storage, origin: origin, at: end.start)
    records.reserveCapacity(end.count)
    for _ in 0..<end.count { records.append(try Self.record(&reader)) }
    guard reader.offset == end.start + end.size else {
      throw origin.error(.brokenZip("its directory is of another size"), at: end.start)
    }
  }

  /// Where the bytes of every entry lie, in the order of the directory.
  ///
  /// - Throws: where a header is not that of its record, and where entries share bytes.
  func ranges() throws(CheckpointError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(records.count)
    for record in records { ranges.append(try range(record)) }
    var free = 0
    for index in records.indices.sorted(by: { records[$0].header < records[$1].header }) {
      guard records[index].header >= free else {
        throw ByteOrigin(file: origin.file, record: text(of: records[index]))
          .error(.overlappingEntries)
      }
      free = ranges[index].upperBound
    }
    return ranges
  }

  private func text(of record: Record) -> String {
    String(decoding: storage.bytes[record.name], as: UTF8.self)
  }

  private func range(_ record: Record) throws(CheckpointError) -> Range<Int> {
    func disagreement() -> CheckpointError {
      ByteOrigin(file: origin.file, record: text(of: record))
        .error(.brokenZip("its header is not what the directory says"), at: record.header)
    }
    var reader = ByteReader(storage, origin: origin, at: record.header)
    guard try reader.integer(UInt32.self) == Self.headerSignature else { throw disagreement() }
    // The version, the flags; then, behind the method, times, checksum and sizes, which may stand
    // behind the data instead.
    _ = try reader.take(4)
    guard try reader.integer(UInt16.self) == record.method else { throw disagreement() }
    _ = try reader.take(16)
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    let name = try reader.take(nameLength)
    guard storage.bytes[name].elementsEqual(storage.bytes[record.name]) else {
      throw disagreement()
    }
    _ = try reader.take(extraLength)
    let range = try reader.take(record.size)
    guard range.upperBound <= start else { throw disagreement() }
    return range
  }

  private static func record(_ reader: inout ByteReader) throws(CheckpointError) -> Record {
    let place = reader.offset
    guard try reader.integer(UInt32.self) == recordSignature else {
      throw reader.origin.error(.brokenZip("its directory has a gap"), at: place)
    }
    _ = try reader.take(6)
    let method = try reader.integer(UInt16.self)
    _ = try reader.take(4)
    let checksum = try reader.integer(UInt32.self)
    var size = UInt64(try reader.integer(UInt32.self))
    var fullSize = UInt64(try reader.integer(UInt32.self))
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    let commentLength = Int(try reader.integer(UInt16.self))
    _ = try reader.take(8)
    var header = UInt64(try reader.integer(UInt32.self))
    let name = try reader.take(nameLength)
    var extra = reader
    _ = try reader.take(extraLength)
    _ = try reader.take(commentLength)
    // Numbers of 64 bits stand in a field of their own, in this order, where 32 are all ones.
    let end = extra.offset + extraLength
    while extra.offset + 4 <= end {
      let identifier = try extra.integer(UInt16.self)
      let length = Int(try extra.integer(UInt16.self))
      guard length <= end - extra.offset else { break }
      var field = extra
      _ = try extra.take(length)
      guard identifier == wideField else { continue }
      if fullSize == UInt32.max { fullSize = try field.integer(UInt64.self) }
      if size == UInt32.max { size = try field.integer(UInt64.self) }
      if header == UInt32.max { header = try field.integer(UInt64.self) }
      guard field.offset <= extra.offset else {
        throw reader.origin.error(.brokenZip("a field of its directory is too short"), at: place)
      }
    }
    guard let size = Int(exactly: size), let fullSize = Int(exactly: fullSize),
      let header = Int(exactly: header), header <= reader.storage.bytes.count
    else { throw reader.origin.error(.brokenZip("its directory points beyond it"), at: place) }
    return Record(
      name: name, method: method, checksum: checksum, size: size, fullSize: fullSize,
      header: header)
  }
}

// The end of the archive, where reading begins.
extension ZipDirectory {
  private static func end(
    _ storage: ByteStorage, _ origin: ByteOrigin
  ) throws(CheckpointError) -> (start: Int, size: Int, count: Int) {
    let bytes = storage.bytes
    let first = max(0, bytes.count - endSize - maximumComment)
    var place = bytes.count - endSize
    while place >= first, !isEnd(bytes, at: place) { place -= 1 }
    guard place >= first else { throw origin.error(.brokenZip("it has no directory")) }

    var reader = ByteReader(storage, origin: origin, at: place + 8)
    _ = try reader.take(2)
    var count = UInt64(try reader.integer(UInt16.self))
    var size = UInt64(try reader.integer(UInt32.self))
    var start = UInt64(try reader.integer(UInt32.self))
    if let wide = try wideEnd(storage, origin, before: place) { (count, size, start) = wide }
    guard let start = Int(exactly: start), let size = Int(exactly: size),
      start <= place, size <= place - start
    else { throw origin.error(.brokenZip("its directory is not in it"), at: place) }
    return (start, size, Int(clamping: count))
  }

  /// Whether the record that ends an archive stands here, with a comment up to the last byte.
  private static func isEnd(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Bool {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
      == endSignature
      && place + endSize
        + Int(
          UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 20, as: UInt16.self)))
        == bytes.count
  }

  /// The same three numbers in 64 bits, where the archive has them.
  private static func wideEnd(
    _ storage: ByteStorage, _ origin: ByteOrigin, before place: Int
  ) throws(CheckpointError) -> (count: UInt64, size: UInt64, start: UInt64)? {
    guard place >= wideLocatorSize else { return nil }
    var reader = ByteReader(storage, origin: origin, at: place - wideLocatorSize)
    guard try reader.integer(UInt32.self) == wideLocatorSignature else { return nil }
    _ = try reader.take(4)
    let target = try reader.integer(UInt64.self)
    guard target <= UInt64(place - wideLocatorSize) else {
      throw origin.error(.brokenZip("its directory is not in it"), at: place)
    }
    reader = ByteReader(storage, origin: origin, at: Int(target))
    guard try reader.integer(UInt32.self) == wideEndSignature else {
      throw origin.error(.brokenZip("its 64-bit directory is not there"), at: place)
    }
    _ = try reader.take(28)
    return (
      try reader.integer(UInt64.self), try reader.integer(UInt64.self),
      try reader.integer(UInt64.self)
    )
  }
}
