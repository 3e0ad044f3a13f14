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
  let prefix: String
  /// The pickle, and the folder of its storages, beside each other in that folder.
  private let names: (pickle: String, storages: String)
  private var storages: [String: StorageBytes] = [:]

  var origin: ByteOrigin { archive.origin }

  /// PyTorch 2 reads container versions 1 to 10.
  private static let maximumVersion = 10
  /// The longest of the small text records; the version is one number, the byte order one word.
  private static let maximumTextRecord = 16

  static func kind(of archive: ZipArchive) -> FileKind {
    guard let prefix = prefixes(in: archive).first else {
      let isOld = archive.names.contains { $0 == "model.json" || $0.hasSuffix("/model.json") }
      return isOld ? .oldTorchScript : .zip
    }
    let isScript = archive.names.contains {
      $0 == prefix + "constants.pkl" || $0.hasPrefix(prefix + "code/")
    }
    return isScript ? .torchScript : .pyTorchZip
  }

  /// The constants of a TorchScript archive's code; nil where it has none.
  static func constants(_ archive: ZipArchive) throws(CheckpointError) -> TorchZip? {
    let zip = try TorchZip(archive, pickle: "constants.pkl", storages: "constants/")
    return archive.size(of: zip.prefix + zip.names.pickle) == nil ? nil : zip
  }

  init(
    _ archive: ZipArchive, pickle: String = "data.pkl", storages: String = "data/"
  ) throws(CheckpointError) {
    self.archive = archive
    names = (pickle, storages)
    let prefixes = Self.prefixes(in: archive)
    guard let prefix = prefixes.first, prefixes.count == 1 else {
      throw archive.origin.error(
        prefixes.isEmpty
          ? .missingRecord("data.pkl") : .severalPickles(prefixes.map { $0 + "data.pkl" }))
    }
    self.prefix = prefix
    byteCount = archive.size(below: prefix + storages)

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

  /// Runs the pickle.
  func object() throws(CheckpointError) -> PickledObject {
    let name = prefix + names.pickle
    var origin = origin
    origin.record = name
    guard archive.size(of: name) ?? 0 <= PickleLimits.record else {
      throw origin.error(.limit(.pickleSize, maximum: PickleLimits.record))
    }
    let reader = ByteReader(try archive.read(name).block, origin: origin)
    var machine = PickleMachine(reader, layout: .zip)
    return try PickledObject(&machine)
  }

  func size(of reference: StorageReference) throws(CheckpointError) -> Int {
    let name = prefix + names.storages + reference.key
    guard let found = archive.size(of: name) else {
      throw origin.error(.missingStorage(key: reference.key))
    }
    return try reference.part(of: found, ByteOrigin(file: origin.file, record: name)).count
  }

  mutating func bytes(of reference: StorageReference) throws(CheckpointError) -> StorageBytes {
    // Another mention of a storage may say another size.
    _ = try size(of: reference)
    if let known = storages[reference.key] { return known }
    let bytes = try archive.read(prefix + names.storages + reference.key)
    storages[reference.key] = bytes
    return bytes
  }

  /// The folders that hold a checkpoint; what somebody put below one of them, as a TorchScript
  /// archive's extra files, is its own affair.
  private static func prefixes(in archive: ZipArchive) -> [String] {
    let all = archive.names.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
      .map { String($0.dropLast("data.pkl".count)) }
    guard let shortest = all.min(by: { $0.utf8.count < $1.utf8.count }) else { return [] }
    return all.filter { $0 == shortest || !$0.hasPrefix(shortest) }
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
