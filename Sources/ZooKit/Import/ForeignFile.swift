import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// A weight file that another program wrote: its tensors, and where they come from.
struct ForeignFile {
  let path: String
  let kind: String
  let tensors: [(name: String, tensor: Tensor)]
  /// Facts for people: the class of a pickled module, the prefix that was taken off, and so on.
  let facts: [(name: String, value: String)]

  /// Reads a PyTorch checkpoint or a safetensors file, whatever its name says.
  init(path: String) throws {
    self.path = path
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

extension Checkpoint {
  fileprivate var facts: [(name: String, value: String)] {
    var facts = [(String, String)]()
    if let moduleClass { facts.append(("module class", moduleClass)) }
    if let key { facts.append(("found under", key)) }
    if !strippedPrefix.isEmpty { facts.append(("prefix taken off", strippedPrefix)) }
    if let formatVersion { facts.append(("format version", String(formatVersion))) }
    return facts + notes.map { ("note", $0.description) }
  }
}
