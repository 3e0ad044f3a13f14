import GraphIR

/// A family of networks: how to build one from a configuration, and how to know one by its tensors.
///
/// A plugin is a type that conforms to this, in a module that imports `GraphIR` and `ModelKit` and
/// nothing else. Weight files need no code: they are manifest entries that name the architecture's
/// `id` and a configuration.
public protocol Architecture: Sendable {
  /// What distinguishes the members of the family; stored in native files as JSON.
  associatedtype Configuration: Codable, Hashable, Sendable

  /// The name in manifests and native files, such as `densenet`: lower-case letters, digits, `-`;
  /// outside this repository prefixed by the author's name and a dot.
  static var id: String { get }

  /// What the network gives, in the order in which people want to read it.
  static var endpoints: [Endpoint] { get }

  /// The image side, in pixels, that the family's models are run at where nothing else is said.
  static var defaultResolution: Int { get }

  /// How many channels the network's first layer takes.
  static func inputChannels(_ configuration: Configuration) -> Int

  /// What the pixels become before the network sees them, where nothing else is said.
  static func scaling(_ configuration: Configuration) -> InputScaling

  /// The endpoint that the `forward` of a published TorchScript module returns; nil where none is
  /// published.
  ///
  /// Such a file carries its own code. Where this is not nil, what that code computes is compared
  /// with the graph up to the endpoint when a file is converted, and a difference is an error: the
  /// tensors alone do not tell whether a network ends in a sigmoid.
  static var scriptedEndpoint: String? { get }

  /// Adds the network to a builder, parameters under their canonical names, and names its
  /// endpoints.
  ///
  /// - Parameters:
  ///   - configuration: possibly from a file, hence not to be trusted.
  ///   - image: `[batch, inputChannels, height, width]`, already scaled as the weights expect.
  ///   - builder: gets the nodes.
  /// - Throws: `ConfigurationError` where the configuration makes no network.
  static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError)

  /// What a tensor of a published checkpoint is to this architecture, under any published naming.
  static func role(ofKey key: String) -> KeyRole

  /// Whether a checkpoint may hold a parameter of this canonical name that the network of the
  /// configuration has no use for.
  ///
  /// For parts of a checkpoint that are always saved and only used in some configurations; what no
  /// configuration uses is `KeyRole.ignored`.
  static func ignores(_ parameter: String, in configuration: Configuration) -> Bool

  /// The same ensemble with fewer members.
  ///
  /// - Parameters:
  ///   - members: how many to keep of each group of networks, the first ones.
  ///   - configuration: the whole ensemble.
  /// - Returns: its configuration, or nil where the network is no ensemble.
  /// - Throws: `ConfigurationError` where there are not so many.
  static func ensemble(
    of members: Int, from configuration: Configuration
  ) throws(ConfigurationError) -> Configuration?

  /// The configuration that tensors belong to, judged by their canonical names and shapes alone,
  /// or nil where they are not of this family.
  ///
  /// It need not check everything: names and shapes are compared with the graph's afterwards, so
  /// a near miss is better recognised, and then told in detail, than passed over.
  static func recognize(_ tensors: [String: Shape]) -> Configuration?
}

extension Architecture {
  /// The pixels as they are by default.
  public static func scaling(_ configuration: Configuration) -> InputScaling { .none }

  /// No parameter is without use by default.
  public static func ignores(_ parameter: String, in configuration: Configuration) -> Bool { false }

  /// No ensemble by default.
  public static func ensemble(
    of members: Int, from configuration: Configuration
  ) throws(ConfigurationError) -> Configuration? { nil }

  /// Code is not compared by default.
  public static var scriptedEndpoint: String? { nil }
}

/// A value of a network that callers can ask for.
public struct Endpoint: Hashable, Sendable {
  /// The name in the graph, such as `logits`.
  public let name: String
  /// What it is, in one phrase, with its shape.
  public let summary: String

  /// What people read off it.
  public let kind: Kind

  /// What people read off an endpoint.
  public enum Kind: Hashable, Sendable {
    /// Numbers for programs.
    case values
    /// A number for each label, `[batch, labels]`; at most one endpoint of a network is.
    case prediction
    /// A map for each label, `[batch, labels, height, width]`, the logit of the label at each pixel;
    /// at most one endpoint of a network is.
    case segmentation
  }

  /// Creates an endpoint's description.
  public init(_ name: String, _ summary: String, _ kind: Kind = .values) {
    self.name = name
    self.summary = summary
    self.kind = kind
  }

  /// The class scores before any activation, `[batch, classes]`.
  public static let logitsName = "logits"
  /// A probability for each label, `[batch, labels]`, where the network itself makes them.
  public static let probabilitiesName = "probabilities"
  /// The pooled feature vector, `[batch, dimension]`.
  public static let featuresName = "features"
  /// An autoencoder's image of its input, `[batch, 1, height, width]`, in the unit of the input.
  public static let reconstructionName = "reconstruction"
}

/// What a checkpoint's tensor is to an architecture.
public enum KeyRole: Hashable, Sendable {
  /// A parameter, under its canonical name.
  case parameter(String)
  /// A parameter, under its canonical name, that is made of some rows of the tensor.
  case rows(of: String, RowSelection)
  /// Operating points for calibration, one an output, NaN for none: torchxrayvision keeps them in
  /// a buffer of the module.
  case operatingPoints
  /// Known and not needed for inference.
  case ignored
  /// Not of this architecture.
  case unknown
}
