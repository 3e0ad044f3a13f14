import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

extension Zoo {
  /// Loads a model: from the package, the cache, or what torchxrayvision left on this machine,
  /// which is converted and cached; or from a file.
  ///
  /// - Parameter name: a model's name or alias, or the path of a native file or of a checkpoint.
  /// - Returns: the model, its weights checked.
  /// - Throws: an error that names the model or file and the reason.
  public func model(_ name: String = demonstrationModel) async throws -> Model {
    try load(name)
  }

  /// Loads a model on the calling thread; see `model(_:)`.
  public func load(_ name: String) throws -> Model {
    switch try reference(name) {
    case .entry(let entry): try load(entry)
    case .file(let path): try load(file: path)
    }
  }

  /// What a name on a command line means.
  enum Reference {
    case entry(ManifestEntry)
    case file(String)
  }

  /// Models go before files of the same name; a path with a slash is always a file.
  func reference(_ name: String) throws -> Reference {
    if name.contains("/") { return .file(name) }
    do {
      return .entry(try manifest.entry(named: name))
    } catch let unknown as UnknownModelError {
      if FileManager.default.fileExists(atPath: name) { return .file(name) }
      throw ZooError.unknownModel(name, nearest: unknown.nearest)
    }
  }

  /// Whether a name is that of a model in the manifest, and not a file's.
  public func isPublished(_ name: String) -> Bool {
    if case .entry? = try? reference(name) { true } else { false }
  }

  /// Whether a model can be loaded without fetching it.
  public func isCached(_ entry: ManifestEntry) -> Bool {
    entry.source.kind == .embedded || cache.contains(entry.name)
      || UpstreamCache.file(of: entry.source.url, home: home) != nil
  }

  private func load(_ entry: ManifestEntry) throws -> Model {
    if let resource = entry.source.resource {
      return try load(Self.resource(resource), as: entry)
    }
    if !cache.contains(entry.name) {
      guard let upstream = UpstreamCache.file(of: entry.source.url, home: home) else {
        throw ZooError.notCached(model: entry.name, url: entry.source.url)
      }
      try fetch(entry, from: upstream.path, asPublished: true)
    }
    return try load(cache.url(of: entry.name), as: entry)
  }

  /// The native file of an embedded model.
  ///
  /// Not through SwiftPM's `Bundle.module`, which ends the process where the resources are missing.
  private static func resource(_ name: String) throws(ZooError) -> URL {
    let program = Bundle.main
    let code = Bundle(for: Model.self)
    let folders = [
      program.resourceURL, program.bundleURL, code.resourceURL,
      code.bundleURL.deletingLastPathComponent(),
    ]
    for folder in folders.compactMap({ $0 }) {
      for bundle in ["XRayZoo_ZooKit.resources", "XRayZoo_ZooKit.bundle"] {
        let inside = folder.appendingPathComponent(bundle)
        if let url = Bundle(path: inside.path)?.url(forResource: name, withExtension: nil) {
          return url
        }
      }
    }
    throw .file(
      name, reason: "is not there; XRayZoo_ZooKit.resources belongs into the folder of the program")
  }

  private func load(file path: String) throws -> Model {
    try load(ForeignFile(path: path), as: nil)
  }

  /// Loads whatever a name means, see `load(_:)`; ONNX models and the native files made of them are
  /// graphs.
  ///
  /// - Throws: an error that names the model or file and the reason.
  public func network(_ name: String) throws -> Network {
    switch try reference(name) {
    case .entry(let entry): return .model(try load(entry))
    case .file(let path):
      let file = try ForeignFile(path: path)
      guard let graph = file.listing.graph else { return .model(try load(file, as: nil)) }
      if execution.members != nil { throw ZooError.noEnsemble(file: path) }
      return .graph(try GraphModel(graph, execution: execution, file: path))
    }
  }

  /// Loads a native file that passes for a model of the manifest.
  func load(_ url: URL, as entry: ManifestEntry) throws -> Model {
    try load(try ForeignFile(WeightFile(contentsOf: url), url.path), as: entry)
  }

  private func load(_ file: ForeignFile, as entry: ManifestEntry?) throws -> Model {
    switch try FileContent(of: file.listing, in: catalog, expecting: entry?.architecture) {
    case .weights(let weights):
      if let entry {
        try entry.check(weights, file: file.path)
        try check(file, is: entry)
      }
      // The manifest has the last word on labels and operating points, so that a correction there
      // reaches weights that were converted before it.
      let own = try file.description
      let configuration = try execution.members.map { members in
        let smaller = try locating(file.path) {
          try weights.architecture.ensemble(of: members, from: weights.configuration)
        }
        guard let smaller else { throw ZooError.noEnsemble(file: file.path) }
        return smaller
      }
      return try Model(
        description: try entry?.model ?? own ?? weights.description(of: file),
        architecture: weights.architecture,
        configuration: configuration ?? weights.configuration,
        weights: Dictionary(
          uniqueKeysWithValues: file.parameters(of: weights).map { ($0.name, $0.tensor) }),
        execution: execution, file: file.path)
    case .graph: throw ZooError.graphIsNoModel(file: file.path)
    case .tensors(let reason): throw reason
    }
  }
}
