import Converter
import GraphIR
import ModelKit
import WeightFiles

/// What the tensors of a file are to this program.
///
/// Whatever opens files (convert, fetch, inspect, verify, load) switches on this and on nothing else.
enum FileContent {
  /// The weights of a network that a plugin builds, complete and of the right shapes.
  case weights(RecognizedWeights)
  /// A graph of its own with its weights, which needs no plugin.
  case graph(ONNXModel)
  /// Names and values, and why they are no network that can be run.
  case tensors(ZooError)

  /// Judges a file by names and shapes alone, or a native one by what it says it is.
  ///
  /// - Parameters:
  ///   - listing: the file.
  ///   - catalog: what can be recognised.
  ///   - id: the architecture to take, or nil to try all.
  ///   - expected: the network that a manifest says it is. Where the tensors fit it, its
  ///     configuration is taken, which may say what tensors cannot (which of the outputs count);
  ///     where it has none, the tensors say it.
  /// - Throws: `ZooError` where there is no such architecture, or where a graph is asked to be one.
  init(
    of listing: FileListing, in catalog: ArchitectureCatalog, architecture id: String? = nil,
    expecting expected: ManifestEntry.Architecture? = nil
  ) throws(ZooError) {
    if let graph = listing.graph {
      if let id { throw .graphIsNoArchitecture(file: listing.path, architecture: id) }
      self = .graph(graph)
      return
    }
    if let expected, listing.profile?.architecture.id ?? expected.id == expected.id,
      let architecture = try? catalog[expected.id]
    {
      let renamed = RenamedTensors(listing, by: architecture)
      // Where the manifest does not say, a native file's own word goes before a guess.
      let configuration =
        expected.configuration ?? listing.profile?.architecture.configuration
        ?? architecture.recognize(renamed.shapes)
      if let configuration {
        self = .init(listing, renamed, as: architecture, configuration)
        if case .weights = self { return }
      }
    }
    if id == nil, let named = listing.profile?.architecture {
      let architecture = try catalog[named.id]
      self = .init(
        listing, RenamedTensors(listing, by: architecture), as: architecture,
        named.configuration)
      return
    }
    let candidates =
      try id.map { id throws(ZooError) in [try catalog[id]] } ?? catalog.architectures
    var nearest: (mismatches: Int, reason: ZooError)?
    for candidate in candidates {
      let renamed = RenamedTensors(listing, by: candidate)
      guard let configuration = candidate.recognize(renamed.shapes) else { continue }
      switch Self(listing, renamed, as: candidate, configuration) {
      case .weights(let weights):
        self = .weights(weights)
        return
      case .graph: continue
      case .tensors(let reason):
        let count = reason.mismatchCount
        if nearest.map({ count < $0.mismatches }) ?? true { nearest = (count, reason) }
      }
    }
    self = .tensors(
      nearest?.reason
        ?? .unrecognized(
          file: listing.path, tensorCount: listing.tensors.count, known: candidates.map(\.id)))
  }

  /// Compares a file with one network.
  private init(
    _ listing: FileListing, _ renamed: RenamedTensors, as architecture: RegisteredArchitecture,
    _ configuration: JSONValue
  ) {
    let graph: Graph
    var renamed = renamed
    do {
      graph = try architecture.graph(configuration)
      renamed.drop(try architecture.ignored(in: configuration))
    } catch {
      self = .tensors(
        .impossible(file: listing.path, architecture: architecture.id, reason: "\(error)"))
      return
    }
    let parameters = graph.parameters
    let mismatches = renamed.mismatches(with: parameters)
    guard mismatches.isEmpty else {
      self = .tensors(
        .mismatch(
          file: listing.path, architecture: architecture.id, needed: parameters.count, mismatches))
      return
    }
    if let reason = otherCode(in: listing, than: architecture, graph) {
      self = .tensors(reason)
      return
    }
    self = .weights(
      RecognizedWeights(
        architecture: architecture, configuration: configuration, parameters: renamed.parameters,
        operatingPoints: renamed.operatingPoints))
  }
}

extension ZooError {
  /// Whether tensors are so near to a known network that passing over the difference in silence
  /// would be wrong: at least half of its parameters are there by name.
  var isNearMiss: Bool {
    switch self {
    case .mismatch(_, _, let needed, let mismatches):
      2 * (needed - mismatches.count(where: \.isMissing)) >= needed
    case .impossible, .otherCode, .unreadableCode: true
    default: false
    }
  }

  fileprivate var mismatchCount: Int {
    switch self {
    case .mismatch(_, _, _, let mismatches): mismatches.count
    // All tensors fit.
    case .otherCode, .unreadableCode: 0
    default: .max
    }
  }
}
