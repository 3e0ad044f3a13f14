import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// A weight file to convert: its tensors, and where they come from.
struct ForeignFile {
  let path: String
  let kind: String
  let tensors: [(name: String, tensor: Tensor)]
  /// Facts for people: the class of a pickled module, the prefix that was taken off, and so on.
  let facts: [(name: String, value: String)]
  /// What a native file says of itself; nil for the files of other programs.
  let profile: WeightProfile?

  /// Reads a PyTorch checkpoint or a safetensors file, whatever its name says.
  init(path: String) throws {
    self.path = path
    if let native = try WeightFile(nativeAt: path) {
      kind = native.profile.source.kind
      tensors = native.names.compactMap { name in native.tensors[name].map { (name, $0) } }
      facts = []
      profile = native.profile
      return
    }
    profile = nil
    if try FileKind.sniff(contentsOf: path) == .safetensors {
      let file = try SafetensorsFile(contentsOf: URL(fileURLWithPath: path))
      kind = FileKind.safetensors.rawValue
      tensors = file.header.entries.map { ($0.name, file.tensor($0)) }
      facts = file.header.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    } else {
      let checkpoint = try Checkpoint(contentsOf: path)
      kind = checkpoint.kind.rawValue
      tensors = checkpoint.tensors.map { ($0.name, $0.tensor) }
      facts = checkpoint.facts
    }
  }

  /// The SHA-256 of the whole file, 64 lower-case hexadecimal digits.
  func digest() throws -> String {
    try mapFile(URL(fileURLWithPath: path)).withUnsafeBytes(sha256)
  }
}

extension WeightFile {
  /// Reads and checks a native file.
  ///
  /// - Returns: nil for files of other programs, safetensors or not.
  /// - Throws: an error that names the file.
  init?(nativeAt path: String) throws {
    guard try FileKind.sniff(contentsOf: path) == .safetensors else { return nil }
    do {
      try self.init(contentsOf: URL(fileURLWithPath: path))
    } catch let error as WeightFileError where error.problem == .noProfile {
      return nil
    }
  }
}

extension Checkpoint {
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
