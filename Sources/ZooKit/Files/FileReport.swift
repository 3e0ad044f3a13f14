import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// What is in a weight file of any kind, found without executing anything.
public struct FileReport: Sendable {
  /// One tensor of the file.
  public struct TensorReport: Sendable {
    /// The name in the file.
    public let name: String
    /// The element type.
    public let dtype: DType
    /// The extents.
    public let shape: Shape
  }

  /// The file.
  public let file: String
  /// `native`, or the kind of foreign file, such as `pytorch-zip-state-dict`.
  public let kind: String
  /// The tensors in the order of the file.
  public let tensors: [TensorReport]
  /// What else the file says, by name.
  public let metadata: [(name: String, value: String)]
  /// The architecture that the tensors belong to, and its configuration; nil where none fits.
  public let architecture: (id: String, configuration: JSONValue)?
  /// Why no architecture fits.
  public let mismatch: String?
}

extension Zoo {
  /// Looks into a weight file.
  ///
  /// - Throws: an error that names the file and the reason.
  public func inspect(_ path: String) throws -> FileReport {
    if let native = try WeightFile(nativeAt: path) { return FileReport(native: native, path) }
    return FileReport(try ForeignFile(path: path), catalog)
  }

  /// Checks every byte of a native file, and that its tensors are what its architecture needs.
  ///
  /// - Throws: an error that names the file and what is wrong with it.
  public func verify(_ path: String) throws {
    guard let file = try WeightFile(nativeAt: path) else {
      throw ZooError.file(path, reason: "is no native weight file; zoo convert makes one of it")
    }
    let architecture = try catalog[file.profile.architecture.id]
    try locating(path) {
      let graph = try architecture.graph(file.profile.architecture.configuration)
      _ = try graph.binding(file.tensors)
    }
    _ = try ModelDescription(json: file.profile.model, file: path)
  }
}

extension FileReport {
  fileprivate init(native file: WeightFile, _ path: String) {
    self.file = path
    kind = "native"
    tensors = file.names.compactMap { name in
      file.tensors[name].map { TensorReport(name: name, dtype: $0.dtype, shape: $0.shape) }
    }
    let source = file.profile.source
    var metadata = [("source kind", source.kind), ("source SHA-256", source.sha256)]
    if let name = source.name { metadata.append(("source file", name)) }
    if let url = source.url { metadata.append(("source address", url)) }
    if case .string(let name)? = file.profile.model["name"] {
      metadata.insert(("model", name), at: 0)
    }
    if case .string(let licence)? = file.profile.model["licence"] {
      metadata.append(("licence", licence))
    }
    self.metadata = metadata
    architecture = (file.profile.architecture.id, file.profile.architecture.configuration)
    mismatch = nil
  }

  fileprivate init(_ foreign: ForeignFile, _ catalog: ArchitectureCatalog) {
    file = foreign.path
    kind = foreign.kind
    tensors = foreign.tensors.map {
      TensorReport(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape)
    }
    metadata = foreign.facts
    do {
      let weights = try RecognizedWeights(foreign.tensors, in: catalog, file: foreign.path)
      architecture = (weights.architecture.id, weights.configuration)
      mismatch = nil
    } catch {
      architecture = nil
      mismatch = "\(error)"
    }
  }
}
