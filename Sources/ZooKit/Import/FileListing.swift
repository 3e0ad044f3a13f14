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
  /// What numbers a checkpoint gives to names, see `CheckpointSummary.tables`.
  private(set) var tables: [String: [String: Int]] = [:]
  /// The strings that another program's safetensors file carries.
  let metadata: [String: String]
  /// What a native file says of itself; nil for the files of other programs.
  let profile: WeightProfile?
  /// The graph that an ONNX file is, or that a native file carries.
  private(set) var graph: ONNXModel?
  /// What was taken off the front of every tensor's name.
  private(set) var strippedPrefix = ""

  /// Reads the table of contents of a PyTorch checkpoint, a safetensors file or an ONNX model,
  /// whatever its name says; no value is looked at.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in a checkpoint the tensors lie; nil finds them.
  /// - Throws: an error that names the file and the reason.
  init(path: String, key: String? = nil) throws {
    switch try FileKind.sniff(contentsOf: path) {
    case .safetensors:
      try refuseKey(key, file: path, kind: .safetensors)
      let url = URL(fileURLWithPath: path)
      if let native = try WeightFile(nativeAt: url, verifying: .header) {
        try self.init(native, path)
      } else {
        self.init(try SafetensorsFile(contentsOf: url), path)
      }
    case .onnx:
      try refuseKey(key, file: path, kind: .onnx)
      let model = try ONNXModel(contentsOf: path)
      self.init(model, tensors: model.json().tensors, path)
    default:
      let checkpoint = try CheckpointListing(contentsOf: path, key: key)
      let items = checkpoint.entries.map { Item(name: $0.name, dtype: $0.dtype, shape: $0.shape) }
      self.init(checkpoint, items, path)
    }
  }

  /// - Throws: `ZooError` where the native file carries a graph that is none.
  init(_ native: WeightFile, _ path: String) throws {
    self.path = path
    kind = Self.nativeKind
    tensors = native.names.compactMap { name in
      native.tensors[name].map { Item(name: name, dtype: $0.dtype, shape: $0.shape) }
    }
    facts = []
    metadata = [:]
    profile = native.profile
    let architecture = native.profile.architecture
    if architecture.id == GraphModel.architecture {
      graph = try locating(path) {
        try ONNXModel(json: architecture.configuration, tensors: native.tensors)
      }
    }
  }

  init(_ model: ONNXModel, tensors: [(name: String, tensor: Tensor)], _ path: String) {
    self.path = path
    kind = FileKind.onnx.rawValue
    self.tensors = tensors.map {
      Item(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape)
    }
    facts = model.facts
    metadata = [:]
    profile = nil
    graph = model
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
    tables = checkpoint.summary.tables
    strippedPrefix = checkpoint.summary.strippedPrefix
    metadata = [:]
    profile = nil
  }
}

/// Refuses `--key` for files that hold their tensors in one place.
func refuseKey(_ key: String?, file: String, kind: FileKind) throws(ZooError) {
  if key != nil {
    let words = kind == .onnx ? "an ONNX model" : "a safetensors file"
    throw .file(file, reason: "is \(words), which has no keys; leave --key out")
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

extension ONNXModel {
  /// Where it comes from, what it takes and gives, and what it is made of.
  var facts: [(name: String, value: String)] {
    var facts = [("operator set", "\(opset)")]
    if let producer { facts.append(("written by", producer)) }
    facts += graph.inputs.map { ("input", $0.text) }
    facts += graph.outputs.map { ("output", $0.text) }
    let counts = Dictionary(graph.nodes.map { ($0.op, 1) }, uniquingKeysWith: +)
    let ops = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value) \($0.key)" }
    facts.append(("nodes", "\(graph.nodes.count): " + ops.joined(separator: ", ")))
    return facts
  }
}

extension ONNXValueInfo {
  /// Name, type and extents, as far as the file gives them.
  fileprivate var text: String {
    ([name] + [dtype?.rawValue, extents?.text].compactMap { $0 }).joined(separator: " ")
  }
}
