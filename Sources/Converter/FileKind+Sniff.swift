import GraphIR

extension FileKind {
  /// Tells the kind of the file at `path` from its content.
  ///
  /// - Throws: `CheckpointError` where the file cannot be read or its zip directory is broken.
  public static func sniff(contentsOf path: String) throws(CheckpointError) -> FileKind {
    try sniff(try ByteStorage.checkpoint(path), file: path)
  }

  /// Tells the kind of a file; of one that lies in an archive, what an archive in it holds does not
  /// matter.
  static func sniff(
    _ storage: ByteStorage, file: String, isMember: Bool = false
  ) throws(CheckpointError) -> FileKind {
    let bytes = storage.bytes
    if bytes.isEmpty { return .empty }
    if let kind = magics.first(where: { bytes.starts(with: $0.bytes) })?.kind { return kind }
    if isZip(bytes) {
      let archive = try ZipArchive(storage, file: file, isMember: isMember)
      let kind = TorchZip.kind(of: archive)
      guard kind == .zip, !isMember else { return kind }
      return try TorchEnsemble.paths(in: archive).isEmpty ? .zip : .pyTorchEnsemble
    }
    if isLegacyMagic(bytes) { return .pyTorchLegacy }
    if isTar(bytes) { return isTorchTar(storage) ? .pyTorchTar : .tar }
    if isSafetensors(bytes) { return .safetensors }
    if bytes[0] == 0x80, bytes.count > 2, (2...5).contains(bytes[1]) { return .pickle }
    if isONNX(bytes) { return .onnx }
    return textKind(bytes) ?? .unknown
  }

  /// Whether bytes may be the head of a checkpoint.
  static func mayBeCheckpoint(_ head: [UInt8]) -> Bool {
    head.withUnsafeBytes { isZip($0) || isLegacyMagic($0) || isTar($0) }
  }

  private static func isZip(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: Array("PK".utf8)) && bytes.count >= 4 && [3, 5, 7].contains(bytes[2])
  }

  private static let magics: [(kind: FileKind, bytes: [UInt8])] = [
    (.numpy, [0x93] + Array("NUMPY".utf8)),
    (.hdf5, [0x89] + Array("HDF\r\n".utf8)),
    (.compressed, [0x1f, 0x8b]),
    (.compressed, Array("BZh".utf8)),
    (.compressed, [0xfd] + Array("7zXZ".utf8)),
    (.compressed, [0x28, 0xb5, 0x2f, 0xfd]),
    (.gitLFSPointer, Array("version https://git-lfs".utf8)),
  ]

  /// The number 0x1950a86a20f9469cfc6c as a pickle writes it: a 10-byte LONG1.
  private static let legacyMagic: [UInt8] = [
    0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  /// The same as protocols 0 and 1 write it.
  static let legacyTextMagic = Array("119547037146038801333356L\n".utf8)

  private static func isLegacyMagic(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.first == UInt8(ascii: "L") { return bytes.dropFirst().starts(with: legacyTextMagic) }
    guard bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) else { return false }
    // Protocols 4 and 5 put a frame of nine bytes in front.
    let start = bytes[2] == 0x95 ? 11 : 2
    return bytes.dropFirst(start).starts(with: legacyMagic)
  }

  private static func isTar(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 512 && bytes[257..<262].elementsEqual("ustar".utf8)
  }

  /// Whether an archive has what PyTorch put into it, or begins with it and is broken later.
  private static func isTorchTar(_ storage: ByteStorage) -> Bool {
    let name = storage.bytes[0..<100].prefix { $0 != 0 }
    if (TorchTar.members + ["sys_info"]).contains(where: { name.elementsEqual($0.utf8) }) {
      return true
    }
    guard let members = try? TarArchive(storage, file: "").members else { return false }
    return TorchTar.members.allSatisfy { members[$0] != nil }
  }

  /// A little-endian header length that fits the file, then a JSON object.
  private static func isSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 9, bytes[8] == UInt8(ascii: "{") else { return false }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    return length >= 2 && length <= UInt64(bytes.count - 8)
  }

  /// Field 1 (the IR version, a small number) followed by another field that a model may have.
  private static func isONNX(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 3, bytes[0] == 0x08, (1...30).contains(bytes[1]) else { return false }
    return [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].contains(bytes[2])
  }

  private static func textKind(_ bytes: UnsafeRawBufferPointer) -> FileKind? {
    let head = bytes.prefix(512)
    guard head.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || (9...13).contains($0) }) else { return nil }
    // The cut may have gone through a character of up to four bytes.
    let cuts = bytes.count > head.count ? 0...3 : 0...0
    guard cuts.contains(where: { String(validating: head.dropLast($0), as: UTF8.self) != nil })
    else { return nil }
    // A byte order mark and white space may stand in front of a page.
    let start = head.drop { $0 <= 0x20 || [0xef, 0xbb, 0xbf].contains($0) }
    return start.first == UInt8(ascii: "<") ? .html : .text
  }
}
