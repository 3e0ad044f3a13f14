import GraphIR

/// A published model: what it is, which network it is made of, and where its weights are.
public struct ManifestEntry: Hashable, Sendable {
  /// A plugin and its settings.
  public struct Architecture: Hashable, Sendable {
    /// The plugin's id.
    public let id: String
    /// The settings, in the plugin's own form; nil where they are not known, and whatever the tensors
    /// of a file say is taken.
    public let configuration: JSONValue?

    /// Names a plugin and its settings.
    public init(id: String, configuration: JSONValue?) {
      self.id = id
      self.configuration = configuration
    }
  }

  /// What the model is.
  public let model: ModelDescription
  /// Other names that it can be asked for by.
  public let aliases: [String]
  /// The network.
  public let architecture: Architecture
  /// Where the weights are.
  public let source: SourceSpecification

  /// The name that the model is asked for by.
  public var name: String { model.name }

  /// Creates an entry.
  ///
  /// - Throws: `ManifestError.Problem` where an alias is no name, or the configuration has a
  ///   `classCount` that is not the number of labels.
  public init(
    model: ModelDescription, aliases: [String] = [], architecture: Architecture,
    source: SourceSpecification
  ) throws {
    for alias in aliases { try checkModelName(alias) }
    if case .integer(let count)? = architecture.configuration?["classCount"],
      count != model.labels.count
    {
      throw ManifestError.Problem.labelCount(model.labels.count, classCount: count)
    }
    self.model = model
    self.aliases = aliases
    self.architecture = architecture
    self.source = source
  }
}

extension ManifestEntry {
  static let keys = ModelDescription.keys + ["aliases", "architecture", "source"]

  init(_ fields: JSONFields) throws {
    try fields.refuseUnknown(besides: Self.keys)
    try fields.object("input").refuseUnknown(besides: InputSpecification.keys)
    let source = try fields.object("source")
    try source.refuseUnknown(besides: SourceSpecification.keys)
    let architecture = try fields.object("architecture")
    try architecture.refuseUnknown(besides: ["id", "configuration"])
    let aliases = fields.path(of: "aliases")
    try self.init(
      model: ModelDescription(fields),
      aliases: fields.optional("aliases")?.array(at: aliases).map { try $0.string(at: aliases) }
        ?? [],
      architecture: Architecture(
        id: architecture.string("id"), configuration: architecture.optional("configuration")),
      source: SourceSpecification(source))
  }

  /// The entry as it stands in a manifest.
  public var json: JSONValue {
    guard case .object(var members) = model.json else { return model.json }
    members["aliases"] = .array(aliases.map { .string($0) })
    var network = ["id": JSONValue.string(architecture.id)]
    network["configuration"] = architecture.configuration
    members["architecture"] = .object(network)
    members["source"] = source.json
    return .object(members)
  }
}
