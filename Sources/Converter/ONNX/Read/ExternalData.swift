import Foundation
import GraphIR

/// The files beside a model that hold tensors too large for it.
///
/// A model names them by paths relative to its own folder; anything that leads out of that folder,
/// by `..`, from the root or through a link, is refused.
struct ExternalData {
  private let folder: URL
  private var files: [String: ByteStorage] = [:]

  /// - Parameter model: the path of the model's file.
  init(besides model: String) {
    folder = URL(fileURLWithPath: model).deletingLastPathComponent().resolvingSymlinksInPath()
  }

  /// The storage that holds a tensor's bytes, and where they begin.
  mutating func bytes(
    _ entries: [String: String], count: Int
  ) throws(TensorFault) -> (storage: ByteStorage, offset: Int) {
    let location = entries["location"] ?? ""
    let storage = try file(location)
    let size = storage.bytes.count
    let offset = try number(entries["offset"], default: 0, location, size)
    let length = try number(entries["length"], default: count, location, size)
    guard length == count else { throw .byteCount(found: length, expected: count) }
    guard offset <= size, count <= size - offset else {
      throw .externalRange(location, fileSize: size)
    }
    return (storage, offset)
  }

  private mutating func file(_ location: String) throws(TensorFault) -> ByteStorage {
    if let known = files[location] { return known }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.contains("\\"), !location.contains("\0"),
      !parts.contains(".."), !parts.contains("")
    else { throw .outsideFolder(location) }
    let path = folder.appendingPathComponent(location)
    let resolved = path.resolvingSymlinksInPath().path
    guard resolved.hasPrefix(folder.path == "/" ? "/" : folder.path + "/") else {
      throw .outsideFolder(location)
    }
    do {
      let storage = try ByteStorage.mapping(resolved)
      files[location] = storage
      return storage
    } catch {
      let reason =
        switch error {
        case .open(let number), .map(let number): systemMessage(number)
        case .isFolder: "it is a folder"
        case .notRegularFile: "it is no regular file"
        }
      throw .externalFile(location, reason: reason)
    }
  }

  private func number(
    _ text: String?, default value: Int, _ location: String, _ size: Int
  ) throws(TensorFault) -> Int {
    guard let text else { return value }
    guard let number = Int(text), number >= 0 else {
      throw .externalRange(location, fileSize: size)
    }
    return number
  }
}
