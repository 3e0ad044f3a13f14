import CFuzz

/// A zip archive as a list of entries, written back with right sizes and checksums.
struct ZipModel {
  struct Entry {
    var name: [UInt8]
    /// The bytes as they are stored, deflated or not.
    var stored: [UInt8]
    var isDeflated: Bool
    /// Of the bytes once inflated.
    var size: Int
    var checksum: UInt32

    init(name: [UInt8], content: [UInt8], deflated: Bool) {
      self.name = name
      isDeflated = deflated
      stored = deflated ? deflate(content) : content
      size = content.count
      checksum = cfuzz_checksum(content, content.count)
    }

    init(name: [UInt8], stored: [UInt8], isDeflated: Bool, size: Int, checksum: UInt32) {
      self.name = name
      self.stored = stored
      self.isDeflated = isDeflated
      self.size = size
      self.checksum = checksum
    }

    /// The bytes once inflated; nil where they are too many or do not inflate.
    func content(limit: Int) -> [UInt8]? {
      if !isDeflated { return stored }
      return size <= limit ? inflate(stored, size: size) : nil
    }
  }

  var entries: [Entry] = []

  /// Takes an archive apart, leniently; nil where it has no directory.
  init?(_ file: [UInt8]) {
    let signature: [UInt8] = [0x50, 0x4b, 5, 6]
    guard
      let end = stride(from: file.count - 22, through: 0, by: -1).first(where: {
        file[$0] == 0x50 && file[$0..<$0 + 4].elementsEqual(signature)
      }), let directory = file.number(at: end + 16, as: UInt32.self)
    else { return nil }
    var offset = directory
    while let entry = Self.entry(of: file, at: &offset) { entries.append(entry) }
    if entries.isEmpty { return nil }
  }

  private static func entry(of file: [UInt8], at offset: inout Int) -> Entry? {
    let signature: [UInt8] = [0x50, 0x4b, 1, 2]
    guard offset + 46 <= file.count, file[offset..<offset + 4].elementsEqual(signature),
      let method = file.number(at: offset + 10, as: UInt16.self),
      let checksum = file.number(at: offset + 16, as: UInt32.self),
      let packed = file.number(at: offset + 20, as: UInt32.self),
      let size = file.number(at: offset + 24, as: UInt32.self),
      let name = file.number(at: offset + 28, as: UInt16.self),
      let extra = file.number(at: offset + 30, as: UInt16.self),
      let comment = file.number(at: offset + 32, as: UInt16.self),
      let local = file.number(at: offset + 42, as: UInt32.self),
      let localName = file.number(at: local + 26, as: UInt16.self),
      let localExtra = file.number(at: local + 28, as: UInt16.self)
    else { return nil }
    let start = local + 30 + localName + localExtra
    guard offset + 46 + name <= file.count, start + packed <= file.count else { return nil }
    defer { offset += 46 + name + extra + comment }
    return Entry(
      name: Array(file[offset + 46..<offset + 46 + name]),
      stored: Array(file[start..<start + packed]), isDeflated: method == 8, size: size,
      checksum: UInt32(checksum))
  }

  /// The archive, without the padding that PyTorch writes between entries.
  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let place = UInt32(truncatingIfNeeded: file.count)
      let common: [UInt8] =
        little(UInt16(20)) + little(UInt16(0x800)) + little(UInt16(entry.isDeflated ? 8 : 0))
        + little(UInt32(0)) + little(entry.checksum)
        + little(UInt32(truncatingIfNeeded: entry.stored.count))
        + little(UInt32(truncatingIfNeeded: entry.size))
        + little(UInt16(truncatingIfNeeded: entry.name.count)) + little(UInt16(0))
      file += [0x50, 0x4b, 3, 4] + common + entry.name + entry.stored
      directory += [0x50, 0x4b, 1, 2] + little(UInt16(20)) + common
      directory += [UInt8](repeating: 0, count: 10) + little(place) + entry.name
    }
    let start = file.count
    let count = little(UInt16(truncatingIfNeeded: entries.count))
    file += directory
    file += [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count
    file += little(UInt32(directory.count)) + little(UInt32(start)) + [0, 0]
    return file
  }
}

/// Deflates bytes as a zip entry holds them, without zlib's frame.
private func deflate(_ content: [UInt8]) -> [UInt8] {
  // More than what does not compress at all takes.
  var output = [UInt8](repeating: 0, count: content.count + content.count / 64 + 64)
  return Array(output.prefix(cfuzz_deflate(content, content.count, &output, output.count)))
}

/// Inflates a zip entry; nil where it is broken or has another size.
private func inflate(_ stored: [UInt8], size: Int) -> [UInt8]? {
  var output = [UInt8](repeating: 0, count: size)
  return cfuzz_inflate(stored, stored.count, &output, size) == size ? output : nil
}
