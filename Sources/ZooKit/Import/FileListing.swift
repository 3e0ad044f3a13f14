import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// What a weight file says of itself and of its tensors; their values are not part of it.
struct FileListing: Sendable {
  /// A tensor's place in the table of contents.
  struct Item: Hashable, Sendable {
    let name: String
    let dtype: DType
    let shape: Shape
  }

  /// What the kind of our own files is called.
  static let nativeKind = "native"

  let path: String
  /// `native`, or the kind of foreign file, such as `pytorch-legacy-module`.
  let kind: String
  /// The tensors in the order of the file.
  let tensors: [Item]
  /// Facts for people: the class of a pickled module, the prefix that was taken off, and so on.
  let facts: [(name: String, value: String)]
  /// The strings that another program's safetensors file carries.
  let metadata: [String: String]
  /// What a native file says of itself; nil for the files of other programs.
  let profile: WeightProfile?

  /// Reads the table of contents of a PyTorch checkpoint or a safetensors file, whatever its name
  /// says; no value is looked at.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in a checkpoint the tensors lie; nil finds them.
  /// - Throws: an error that names the file and the reason.
  init(path: String, key: String? = nil) throws {
    switch try FileKind.sniff(contentsOf: path) {
    case .safetensors:
      try refuseKey(key, file: path)
      let url = URL(fileURLWithPath: path)
      if let native = try WeightFile(nativeAt: url, verifying: .header) {
        self.init(native, path)
      } else {
        self.init(try SafetensorsFile(contentsOf: url), path)
      }
    default:
      let checkpoint = try CheckpointListing(contentsOf: path, key: key)
      let items = checkpoint.entries.map { Item(name: $0.name, dtype: $0.dtype, shape: $0.shape) }
      self.init(checkpoint, items, path)
    }
  }

  init(_ native: WeightFile, _ path: String) {
    self.path = path
    kind = Self.nativeKind
    tensors = native.names.compactMap { name in
      native.tensors[name].map { Item(name: name, dtype: $0.dtype, shape: $0.shape) }
    }
    facts = []
    metadata = [:]
    profile = native.profile
  }

  init(_ file: SafetensorsFile, _ path: String) {
    self.path = path
    kind = FileKind.safetensors.rawValue
    tensors = file.header.entries.map { Item(name: $0.name, dtype: $0.dtype, shape: $0.shape) }
    facts = file.header.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    metadata = file.header.metadata
    profile = nil
  }

  init(_ checkpoint: some SummarizedCheckpoint, _ tensors: [Item], _ path: String) {
    self.path = path
    kind = checkpoint.kind.rawValue
    self.tensors = tensors
    facts = checkpoint.summary.facts
    metadata = [:]
    profile = nil
  }
}

/// Refuses `--key` for files that hold their tensors in one place.
func refuseKey(_ key: String?, file: String) throws(ZooError) {
  if key != nil {
    throw .file(file, reason: "is a safetensors file, which has no keys; leave --key out")
  }
}

extension WeightFile {
  /// Opens a safetensors file if it is a native one.
  ///
  /// - Returns: nil for files of other programs.
  /// - Throws: an error that names the file.
  init?(nativeAt url: URL, verifying verification: Verification = .everything) throws {
    do {
      try self.init(contentsOf: url, verifying: verification)
    } catch let error as WeightFileError where error.problem == .noProfile {
      return nil
    }
  }
}

extension CheckpointSummary {
  fileprivate var facts: [(name: String, value: String)] {
    var facts = [(String, String)]()
    if let moduleClass { facts.append(("module class", moduleClass)) }
    if let producer { facts.append(("written by", producer)) }
    if let key { facts.append(("found under", key)) }
    if !strippedPrefix.isEmpty { facts.append(("prefix taken off", strippedPrefix)) }
    if let formatVersion { facts.append(("format version", String(formatVersion))) }
    return facts + notes.map { ("note", $0.description) }
  }
}
