import GraphIR

/// The members of a tar archive, by name: where their bytes lie.
///
/// After POSIX.1-1988 (`ustar`), with the size of GNU's tar in 256s. Only what Python's `tarfile`
/// writes for a handful of short names is understood; long names in headers of their own are
/// stepped over with their owners' short ones.
struct TarArchive {
  private(set) var members: [String: Range<Int>] = [:]

  private static let block = 512
  /// Members of one archive; the old checkpoints have four.
  package static let maximumMembers = 4_096

  init(_ storage: ByteStorage, file: String) throws(CheckpointError) {
    let origin = ByteOrigin(file: file)
    var reader = ByteReader(storage, origin: origin)
    while reader.remaining > 0 {
      let start = reader.offset
      let header = storage.bytes[try reader.take(Self.block)]
      // Zeros end the archive.
      if header.allSatisfy({ $0 == 0 }) { return }
      guard Self.sum(header) == Self.octal(header, at: 148, count: 8) else {
        throw origin.error(.brokenTar("a header fails its checksum"), at: start)
      }
      let name = Self.name(header)
      guard let size = Self.size(header), size <= reader.remaining else {
        throw origin.error(.brokenTar("a member is longer than the rest of the file"), at: start)
      }
      let range = try reader.take(size)
      // Padded to a whole block.
      _ = try reader.take((Self.block - size % Self.block) % Self.block)
      switch header[header.startIndex + 156] {
      case 0, UInt8(ascii: "0"):
        guard members.count < Self.maximumMembers else {
          throw origin.error(.limit(.entries, maximum: Self.maximumMembers))
        }
        guard members.updateValue(range, forKey: name) == nil else {
          throw ByteOrigin(file: file, record: name).error(.duplicateEntry)
        }
      default: break
      }
    }
  }

  private static func name(_ header: Slice<UnsafeRawBufferPointer>) -> String {
    String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The sum of a header's bytes, its own place counted as spaces.
  private static func sum(_ header: Slice<UnsafeRawBufferPointer>) -> Int {
    header.enumerated().reduce(0) { sum, byte in
      sum + ((148..<156).contains(byte.offset) ? 32 : Int(byte.element))
    }
  }

  private static func size(_ header: Slice<UnsafeRawBufferPointer>) -> Int? {
    let field = header.dropFirst(124).prefix(12)
    guard field.first == 0x80 else { return octal(header, at: 124, count: 12) }
    // Eight bytes hold any number that a file may have.
    guard field.dropFirst().prefix(3).allSatisfy({ $0 == 0 }) else { return nil }
    return Int(exactly: field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private static func octal(
    _ header: Slice<UnsafeRawBufferPointer>, at offset: Int, count: Int
  ) -> Int? {
    let field = header.dropFirst(offset).prefix(count)
    let digits = String(decoding: field.filter { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
    guard !digits.hasPrefix("-"), !digits.hasPrefix("+") else { return nil }
    return digits.isEmpty ? 0 : Int(digits, radix: 8)
  }
}
