import Foundation
import GraphIR
import ModelKit

/// An architecture whose configuration type is hidden behind JSON, as registries and files need it.
public struct RegisteredArchitecture: Sendable {
  /// The name in manifests and native files.
  public let id: String
  /// What the network gives.
  public let endpoints: [Endpoint]
  /// The image side that the family's models are run at where nothing else is said.
  public let defaultResolution: Int
  /// The endpoint that a published TorchScript module returns; see `Architecture`.
  let scriptedEndpoint: String?

  private let makeGraph: @Sendable (JSONValue, Int?, InputSpecification?) throws -> Graph
  private let countChannels: @Sendable (JSONValue) throws -> Int
  private let scalingOf: @Sendable (JSONValue) throws -> InputScaling
  private let recognizeTensors: @Sendable ([String: Shape]) -> JSONValue?
  private let roleOfKey: @Sendable (String) -> KeyRole
  private let ignoresParameters: @Sendable (JSONValue) throws -> (String) -> Bool
  private let ensembleOf: @Sendable (Int, JSONValue) throws -> JSONValue?

  /// Registers a plugin's architecture.
  public init<A: Architecture>(_ architecture: A.Type) {
    id = A.id
    endpoints = A.endpoints
    defaultResolution = A.defaultResolution
    scriptedEndpoint = A.scriptedEndpoint
    makeGraph = { try A.graph(try Self.decode($0), channels: $1, input: $2) }
    countChannels = { A.inputChannels(try Self.decode($0)) }
    scalingOf = { A.scaling(try Self.decode($0)) }
    recognizeTensors = { tensors in
      A.recognize(tensors).flatMap { try? Self.encode($0) }
    }
    roleOfKey = { A.role(ofKey: $0) }
    ensembleOf = { members, configuration in
      try A.ensemble(of: members, from: Self.decode(configuration)).map(Self.encode)
    }
    ignoresParameters = {
      let configuration: A.Configuration = try Self.decode($0)
      return { A.ignores($0, in: configuration) }
    }
  }

  /// The network of a configuration; see `Architecture.graph`.
  public func graph(
    _ configuration: JSONValue, channels: Int? = nil, input: InputSpecification? = nil
  ) throws -> Graph {
    try makeGraph(configuration, channels, input)
  }

  /// What the pixels become where nothing else is said; see `Architecture.scaling`.
  public func scaling(_ configuration: JSONValue) throws -> InputScaling {
    try scalingOf(configuration)
  }

  /// The endpoint with a number or map for each label.
  var labelled: Endpoint? { endpoints.first { $0.kind != .values } }

  /// How many channels the network of a configuration takes.
  public func inputChannels(_ configuration: JSONValue) throws -> Int {
    try countChannels(configuration)
  }

  /// The configuration that tensors belong to; see `Architecture.recognize`.
  public func recognize(_ tensors: [String: Shape]) -> JSONValue? { recognizeTensors(tensors) }

  /// What a checkpoint's tensor is; see `Architecture.role`.
  public func role(ofKey key: String) -> KeyRole { roleOfKey(key) }

  /// Tells the parameters that a checkpoint may hold beside those of the network; see
  /// `Architecture.ignores`.
  func ignored(in configuration: JSONValue) throws -> (String) -> Bool {
    try ignoresParameters(configuration)
  }

  /// The configuration with fewer members, or nil where it is no ensemble; see
  /// `Architecture.ensemble`.
  public func ensemble(of members: Int, from configuration: JSONValue) throws -> JSONValue? {
    try ensembleOf(members, configuration)
  }

  private static func decode<C: Decodable>(_ json: JSONValue) throws -> C {
    let data = try JSONEncoder().encode(json)
    do {
      return try JSONDecoder().decode(C.self, from: data)
    } catch let error as DecodingError {
      throw ConfigurationError(error)
    }
  }

  private static func encode(_ configuration: some Encodable) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(configuration))
  }
}

extension ConfigurationError {
  /// Names the member that is missing or of another type.
  fileprivate init(_ error: DecodingError) {
    let (path, found, expected): ([any CodingKey], String, String) =
      switch error {
      case .keyNotFound(let key, let context):
        (context.codingPath + [key], "missing", "there")
      case .typeMismatch(let type, let context):
        (context.codingPath, "of another type", "a value of type \(type)")
      case .valueNotFound(let type, let context):
        (context.codingPath, "null", "a value of type \(type)")
      case .dataCorrupted(let context): (context.codingPath, "unreadable", "well-formed")
      @unknown default: ([], "unreadable", "well-formed")
      }
    let field = path.map(\.stringValue).joined(separator: ".")
    self.init(field: field.isEmpty ? "top level" : field, found: found, expected: expected)
  }
}

/// The architectures that a program knows, in a visible list.
public struct ArchitectureCatalog: Sendable {
  /// All of them, in the order in which they are tried on unknown tensors.
  public let architectures: [RegisteredArchitecture]

  /// Creates a catalog.
  public init(_ architectures: [RegisteredArchitecture]) { self.architectures = architectures }

  /// The architecture of an id.
  ///
  /// - Throws: `ZooError` where there is none, with the nearest id.
  public subscript(id: String) -> RegisteredArchitecture {
    get throws(ZooError) {
      guard let match = architectures.first(where: { $0.id == id }) else {
        throw .unknownArchitecture(id, known: architectures.map(\.id))
      }
      return match
    }
  }
}
