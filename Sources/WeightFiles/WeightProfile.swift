import GraphIR

/// What a native weight file says about its tensors: which network they belong to, which model it
/// is, and where it came from.
public struct WeightProfile: Hashable, Sendable {
  /// The network the tensors belong to.
  public struct Architecture: Hashable, Sendable {
    /// The plugin's id, such as `densenet`.
    public var id: String
    /// The plugin's configuration.
    public var configuration: JSONValue

    /// Names a network.
    public init(id: String, configuration: JSONValue) {
      self.id = id
      self.configuration = configuration
    }
  }

  /// The file that the tensors were read from.
  public struct Source: Hashable, Sendable {
    /// Where it was downloaded, if it was.
    public var url: String?
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    public var sha256: String
    /// What sort of file it was, such as `pytorch-legacy`.
    public var kind: String
    /// Its file name, without folders.
    public var name: String?

    /// Describes a source.
    public init(url: String? = nil, sha256: String, kind: String, name: String? = nil) {
      self.url = url
      self.sha256 = sha256
      self.kind = kind
      self.name = name
    }
  }

  /// The version that is written, and the only one that is read.
  public static let formatVersion = 1
  /// The features that this reader knows; a file may require no other.
  static let knownFeatures: Set<String> = []

  /// The network the tensors belong to.
  public var architecture: Architecture
  /// Name, labels, operating points and the rest; its shape is the business of whoever reads it.
  public var model: JSONValue
  /// The file that the tensors were read from.
  public var source: Source

  /// Puts a profile together.
  public init(architecture: Architecture, model: JSONValue, source: Source) {
    self.architecture = architecture
    self.model = model
    self.source = source
  }
}

extension WeightProfile {
  static let key = "xrayzoo"

  /// Reads a profile and the digests of the tensors beside it.
  ///
  /// - Throws: `WeightFileError.Problem`.
  static func parse(
    _ text: String
  ) throws(WeightFileError.Problem) -> (profile: WeightProfile, tensorDigests: [String: String]) {
    do {
      let fields = try JSONFields(JSONValue(parsing: text), at: key)
      // First of all: another version may change everything below.
      let version = try fields.integer("format")
      guard version == formatVersion else {
        throw WeightFileError.Problem.formatVersion(version, known: formatVersion)
      }
      let features = try fields.array("requires").map {
        try $0.string(at: fields.path(of: "requires"))
      }
      if let unknown = features.first(where: { !knownFeatures.contains($0) }) {
        throw WeightFileError.Problem.unknownFeature(unknown)
      }
      let architecture = try fields.object("architecture")
      let source = try fields.object("source")
      let sourceDigest = try source.string("sha256")
      guard isSHA256(sourceDigest) else {
        throw JSONFieldError.wrongType(
          path: source.path(of: "sha256"), expected: "64 lower-case hexadecimal digits",
          found: "another string")
      }
      let tensors = try fields.object("tensors")
      let profile = WeightProfile(
        architecture: Architecture(
          id: try architecture.string("id"),
          configuration: architecture.members["configuration"] ?? .null),
        model: fields.members["model"] ?? .null,
        source: Source(
          url: try source.optionalString("url"), sha256: sourceDigest,
          kind: try source.string("kind"), name: try source.optionalString("name")))
      let digests = try tensors.members.mapValues { try $0.string(at: tensors.path) }
      return (profile, digests)
    } catch let error as WeightFileError.Problem {
      throw error
    } catch let error as JSONSyntaxError {
      throw .profileSyntax(error)
    } catch let error as JSONFieldError {
      throw .profileField(error)
    } catch {
      throw .headerChanged
    }
  }

  /// The profile as it stands in the file.
  func json(tensorDigests: [String: String]) -> JSONValue {
    var source: [String: JSONValue] = [
      "sha256": .string(self.source.sha256), "kind": .string(self.source.kind),
    ]
    source["url"] = self.source.url.map { .string($0) }
    source["name"] = self.source.name.map { .string($0) }
    return .object([
      "format": .integer(Self.formatVersion),
      "requires": .array([]),
      "architecture": .object([
        "id": .string(architecture.id), "configuration": architecture.configuration,
      ]),
      "model": model,
      "source": .object(source),
      "tensors": .object(tensorDigests.mapValues { .string($0) }),
    ])
  }
}
