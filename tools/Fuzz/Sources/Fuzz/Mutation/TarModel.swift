/// A tar archive as a list of members, written back with right sizes and checksums.
struct TarModel {
  struct Member {
    /// The 512 bytes in front.
    var header: [UInt8]
    var content: [UInt8]

    var name: [UInt8] { header.prefix(100).prefix { $0 != 0 } }
  }

  var members: [Member] = []
  private static let block = 512

  /// Takes an archive apart as far as it is one.
  init(_ file: [UInt8]) {
    var offset = 0
    while offset + Self.block <= file.count, file[offset] != 0 {
      let header = Array(file[offset..<offset + Self.block])
      let digits = header[124..<136].filter { (0x30...0x37).contains($0) }
      let size = digits.reduce(0) { ($0 << 3 | Int($1 - 0x30)) & 0xffff_ffff }
      let start = offset + Self.block
      let end = min(start + size, file.count)
      members.append(Member(header: header, content: Array(file[start..<end])))
      offset = start + (size + Self.block - 1) / Self.block * Self.block
    }
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    for member in members {
      var header = member.header
      Self.write(member.content.count, to: &header, at: 124, digits: 11)
      header.replaceSubrange(148..<156, with: repeatElement(0x20, count: 8))
      Self.write(header.reduce(0) { $0 + Int($1) }, to: &header, at: 148, digits: 6)
      header[154] = 0
      file += header + member.content
      file += [UInt8](repeating: 0, count: -member.content.count & (Self.block - 1))
    }
    // Python's reader wants two blocks of zeros at the end; ours reads up to the first.
    return file + [UInt8](repeating: 0, count: Self.block)
  }

  private static func write(_ number: Int, to header: inout [UInt8], at offset: Int, digits: Int) {
    let text = Array(String(number, radix: 8).utf8.suffix(digits))
    let zeros = repeatElement(UInt8(ascii: "0"), count: digits - text.count)
    header.replaceSubrange(offset..<offset + digits, with: zeros + text)
  }
}
