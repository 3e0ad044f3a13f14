import Foundation
import GraphIR

/// The list of published models; `Manifest.md` describes its format.
public struct Manifest: Hashable, Sendable {
  /// The version of the format that is read.
  public static let formatVersion = 1

  /// The entries in the order of the file.
  public let entries: [ManifestEntry]

  /// Reads a manifest.
  ///
  /// - Parameters:
  ///   - data: the file's content.
  ///   - name: the file's name, for messages.
  /// - Throws: `ManifestError`, for the first fault that is found.
  public init(data: Data, name: String) throws {
    self = try ManifestError.locating(in: name) {
      let json = try data.withUnsafeBytes { try JSONValue(parsing: $0) }
      let fields = try JSONFields(json, at: "the manifest")
      // Another version may have other keys, so this comes first.
      let version = try fields.integer("format")
      guard version == Self.formatVersion else {
        throw ManifestError.Problem.format(version, known: Self.formatVersion)
      }
      try fields.refuseUnknown(besides: ["format", "models"])
      let entries = try fields.array("models").enumerated().map { index, value in
        let path = "models[\(index)]"
        let given = if case .string(let name)? = value["name"] { " (\(name.quoted))" } else { "" }
        return try ManifestError.locating(in: name, at: path + given) {
          try ManifestEntry(JSONFields(value, at: path))
        }
      }
      return try Manifest(entries: entries)
    }
  }

  /// Makes a list of entries.
  ///
  /// - Throws: `ManifestError.Problem` where a name or alias occurs twice.
  public init(entries: [ManifestEntry]) throws {
    var owners = [String: String]()
    for entry in entries {
      for name in [entry.name] + entry.aliases {
        if let owner = owners.updateValue(entry.name, forKey: name) {
          throw ManifestError.Problem.nameClash(name, first: owner, second: entry.name)
        }
      }
    }
    self.entries = entries
  }

  /// This list with another laid over it: entries of the same name are replaced, others added.
  ///
  /// - Parameters:
  ///   - other: the manifest that has the last word.
  ///   - name: its file name, for messages.
  /// - Returns: the entries of both, those of `other` behind.
  /// - Throws: `ManifestError` where a name or alias then means two models.
  public func merging(_ other: Manifest, name: String) throws -> Manifest {
    var merged = entries
    for entry in other.entries {
      if let index = merged.firstIndex(where: { $0.name == entry.name }) {
        merged[index] = entry
      } else {
        merged.append(entry)
      }
    }
    return try ManifestError.locating(in: name) { try Manifest(entries: merged) }
  }

  /// The start of a name that is long enough to stand for it in a suggestion.
  private static let tellingPrefix = 3

  /// The entry with that name or alias.
  ///
  /// - Throws: `UnknownModelError` with the first name that begins so, else the nearest.
  public func entry(named name: String) throws -> ManifestEntry {
    if let entry = entries.first(where: { $0.name == name || $0.aliases.contains(name) }) {
      return entry
    }
    let names = entries.flatMap { [$0.name] + $0.aliases }
    let longer = name.count < Self.tellingPrefix ? nil : names.first { $0.hasPrefix(name) }
    throw UnknownModelError(name: name, nearest: longer ?? nearestName(to: name, in: names))
  }
}
