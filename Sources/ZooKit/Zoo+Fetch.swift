import Foundation
import ModelKit

extension Zoo {
  /// Caches a model's weights.
  ///
  /// - Parameters:
  ///   - name: a model's name or alias.
  ///   - file: its weight file; nil takes what torchxrayvision downloaded, if it did.
  /// - Returns: what was converted, or nil where a sound file was cached already.
  /// - Throws: an error that names the model or the file. Fetching from the network is not part
  ///   of this version: a model that is not on this machine is an error that says where to get it.
  @discardableResult
  public func fetch(_ name: String, from file: String? = nil) throws -> Conversion? {
    let entry = try manifest.entry(named: name)
    if let file { return try fetch(entry, from: file, asPublished: false) }
    if entry.source.kind == .embedded { return nil }
    let upstream = UpstreamCache.file(of: entry.source.url, home: home)
    if cache.contains(entry.name) {
      do {
        _ = try load(cache.url(of: entry.name), as: entry)
        return nil
      } catch {
        // Damaged, or of another network than the manifest says today: made again where it can be.
        if upstream == nil { throw error }
      }
    }
    guard let upstream else {
      throw ZooError.notCached(model: entry.name, url: entry.source.url)
    }
    return try fetch(entry, from: upstream.path, asPublished: true)
  }

  /// Converts a weight file into the cache.
  ///
  /// - Parameters:
  ///   - entry: the model.
  ///   - path: its weight file.
  ///   - asPublished: whether the file passes for the published one without anybody having named
  ///     it, so that a known digest must match.
  /// - Returns: what was converted.
  /// - Throws: an error that names the file and the reason.
  @discardableResult
  func fetch(
    _ entry: ManifestEntry, from path: String, asPublished: Bool
  ) throws -> Conversion {
    var digest: String?
    if asPublished, let published = entry.source.sha256 {
      digest = try fileDigest(path)
      guard digest == published else { throw ZooError.otherDigest(file: path, model: entry.name) }
    }
    let foreign = try ForeignFile(path: path)
    switch try FileContent(of: foreign.listing, in: catalog, expecting: entry.architecture) {
    case .weights(let weights):
      try cache.prepare()
      return try write(
        weights, of: foreign, to: cache.url(of: entry.name), as: entry, digest: digest)
    case .graph: throw ZooError.graphIsNoModel(file: path)
    case .tensors(let reason): throw reason
    }
  }
}
