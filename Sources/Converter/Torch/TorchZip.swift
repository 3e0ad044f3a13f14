import GraphIR

/// The zip layout that PyTorch has written since 1.6: `data.pkl` and one record a storage.
///
/// After `torch/serialization.py` and `caffe2/serialize/inline_container.h`.
struct TorchZip: StorageSource {
  let archive: ZipArchive
  let isBigEndian: Bool
  /// The container's version, from its `version` record.
  let formatVersion: Int?
  let byteCount: Int
  /// The folder all records lie in, with its slash: the file's name when it was saved, or
  /// `archive`.
  private let prefix: String
  private var storages: [String: StorageBytes] = [:]

  var origin: ByteOrigin { archive.origin }

  /// PyTorch 2 reads container versions 1 to 10.
  private static let maximumVersion = 10
  /// The longest of the small text records; the version is one number, the byte order one word.
  private static let maximumTextRecord = 16

  static func kind(of archive: ZipArchive) -> FileKind {
    let prefixes = prefixes(in: archive)
    guard let prefix = prefixes.first else { return .zip }
    let isScript = archive.names.contains {
      $0 == prefix + "constants.pkl" || $0.hasPrefix(prefix + "code/")
    }
    return isScript ? .torchScript : .pyTorchZip
  }

  init(_ archive: ZipArchive) throws(CheckpointError) {
    self.archive = archive
    let prefixes = Self.prefixes(in: archive)
    guard let prefix = prefixes.first, prefixes.count == 1 else {
      throw archive.origin.error(
        prefixes.isEmpty
          ? .missingRecord("data.pkl") : .severalPickles(prefixes.map { $0 + "data.pkl" }))
    }
    self.prefix = prefix
    byteCount = archive.size(below: prefix + "data/")

    switch try Self.text(prefix + "byteorder", in: archive) {
    case nil, "little": isBigEndian = false
    case "big": isBigEndian = true
    case let other?: throw archive.origin.error(.unknownByteOrder(other))
    }
    if let version = try Self.text(prefix + "version", in: archive) {
      guard let number = Int(version), (1...Self.maximumVersion).contains(number) else {
        throw archive.origin.error(.unsupportedFormatVersion(version))
      }
      formatVersion = number
    } else {
      formatVersion = nil
    }
  }

  func pickle() throws(CheckpointError) -> ByteReader {
    let name = prefix + "data.pkl"
    var origin = origin
    origin.record = name
    guard archive.size(of: name) ?? 0 <= PickleLimits.record else {
      throw origin.error(.limit(.pickleSize, maximum: PickleLimits.record))
    }
    return ByteReader(try archive.read(name).block, origin: origin)
  }

  func size(of reference: StorageReference) throws(CheckpointError) -> Int {
    let name = prefix + "data/" + reference.key
    guard let found = archive.size(of: name) else {
      throw origin.error(.missingStorage(key: reference.key))
    }
    return try reference.part(of: found, ByteOrigin(file: origin.file, record: name)).count
  }

  mutating func bytes(of reference: StorageReference) throws(CheckpointError) -> StorageBytes {
    // Another mention of a storage may say another size.
    _ = try size(of: reference)
    if let known = storages[reference.key] { return known }
    let bytes = try archive.read(prefix + "data/" + reference.key)
    storages[reference.key] = bytes
    return bytes
  }

  private static func prefixes(in archive: ZipArchive) -> [String] {
    archive.names.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
      .map { String($0.dropLast("data.pkl".count)) }
  }

  /// A record of one word, without the white space around it.
  private static func text(
    _ name: String, in archive: ZipArchive
  ) throws(CheckpointError) -> String? {
    guard let size = archive.size(of: name) else { return nil }
    guard size <= maximumTextRecord else { return "too long" }
    let record = try archive.read(name)
    return record.storage.withUnsafeBytes { bytes in
      String(validating: bytes[record.range].filter { $0 > 0x20 }, as: UTF8.self) ?? "not text"
    }
  }
}
