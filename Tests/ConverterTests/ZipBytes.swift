/// Zip archives written out by hand, so that each field can lie.
struct ZipBytes {
  struct Entry {
    var name: String
    var bytes: [UInt8]
    /// Whether sizes and offset stand in the 64-bit fields alone, which archives beyond 4 GiB need.
    var isWide = false
    /// Whether checksum and sizes stand behind the bytes.
    var hasDescriptor = false
    /// What the directory says instead of the truth.
    var claimedOffset: Int?
    var claimedSize: Int?
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// The name in the entry's own header.
    var headerName: String?
  }

  var entries: [Entry]
  /// Whether the end of the archive stands in the 64-bit record alone.
  var hasWideEnd = false
  var claimedCount: Int?
  var comment: [UInt8] = []

  typealias P = PickleBytes

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.claimedOffset ?? file.count
      file += header(of: entry)
      file += entry.bytes
      if entry.hasDescriptor {
        file += P.little(UInt32(0x0807_4b50)) + P.little(Self.crc(entry.bytes))
        file +=
          entry.isWide
          ? P.little(entry.bytes.count) + P.little(entry.bytes.count)
          : P.little(UInt32(entry.bytes.count)) + P.little(UInt32(entry.bytes.count))
      }
      directory += record(of: entry, at: offset)
    }
    return file + directory + end(count: entries.count, size: directory.count, start: file.count)
  }

  private func header(of entry: Entry) -> [UInt8] {
    let name = Array((entry.headerName ?? entry.name).utf8)
    let late = entry.hasDescriptor
    let (size, saturated) = (UInt32(entry.bytes.count), UInt32.max)
    let extra =
      entry.isWide
      ? P.little(UInt16(1)) + P.little(UInt16(16)) + P.little(late ? 0 : entry.bytes.count)
        + P.little(late ? 0 : entry.bytes.count) : []
    let shown = entry.isWide ? saturated : late ? 0 : size
    var header = P.little(UInt32(0x0403_4b50)) + P.little(UInt16(entry.isWide ? 45 : 20))
    header += P.little(entry.flags | (late ? 8 : 0)) + P.little(entry.method) + [0, 0, 0x21, 0]
    header += P.little(late ? 0 : Self.crc(entry.bytes)) + P.little(shown) + P.little(shown)
    header += P.little(UInt16(name.count)) + P.little(UInt16(extra.count))
    return header + name + extra
  }

  private func record(of entry: Entry, at offset: Int) -> [UInt8] {
    let name = Array(entry.name.utf8)
    let size = entry.claimedSize ?? entry.bytes.count
    let extra =
      entry.isWide
      ? P.little(UInt16(1)) + P.little(UInt16(24)) + P.little(size) + P.little(size)
        + P.little(offset) : []
    let shown = entry.isWide ? UInt32.max : UInt32(size)
    var record = P.little(UInt32(0x0201_4b50)) + P.little(UInt16(45)) + P.little(UInt16(45))
    record += P.little(entry.flags | (entry.hasDescriptor ? 8 : 0)) + P.little(entry.method)
    record += [0, 0, 0x21, 0] + P.little(Self.crc(entry.bytes)) + P.little(shown) + P.little(shown)
    record += P.little(UInt16(name.count)) + P.little(UInt16(extra.count)) + P.little(UInt16(0))
    record += [0, 0, 0, 0, 0, 0, 0, 0]
    record += entry.isWide ? P.little(UInt32.max) : P.little(UInt32(offset))
    record += name
    return record + extra
  }

  private func end(count: Int, size: Int, start: Int) -> [UInt8] {
    let count = claimedCount ?? count
    var end: [UInt8] = []
    if hasWideEnd {
      end += P.little(UInt32(0x0606_4b50)) + P.little(UInt64(44)) + P.little(UInt16(45))
      end += P.little(UInt16(45)) + P.little(UInt32(0)) + P.little(UInt32(0))
      end += P.little(count) + P.little(count) + P.little(size) + P.little(start)
      end += P.little(UInt32(0x0706_4b50)) + P.little(UInt32(0)) + P.little(start + size)
      end += P.little(UInt32(1))
    }
    let shown = hasWideEnd ? UInt16.max : UInt16(count)
    end += P.little(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + P.little(shown) + P.little(shown)
    end += hasWideEnd ? P.little(UInt64.max) : P.little(UInt32(size)) + P.little(UInt32(start))
    return end + P.little(UInt16(comment.count)) + comment
  }

  /// The CRC-32 of IEEE 802.3, bit by bit.
  static func crc(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = .max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xedb8_8320 }
    }
    return ~sum
  }

  /// A checkpoint with one tensor called `w` on four floats: 1, 2, 3, 4.
  static let checkpoint = ZipBytes(entries: [
    Entry(name: "a/data.pkl", bytes: pickle),
    Entry(name: "a/data/0", bytes: P.floats([1, 2, 3, 4])),
    Entry(name: "a/version", bytes: Array("3\n".utf8)),
  ])

  private static let pickle: [UInt8] = {
    let storage =
      P.tuple([
        P.text("storage"), P.global("torch", "FloatStorage"), P.text("0"), P.text("cpu"), P.int(4),
      ]) + [0x51]
    let tensor = P.tensor(storage, size: [4], stride: [1])
    return [0x80, 2] + P.stateDict([("w", tensor)]) + P.stop
  }()
}
