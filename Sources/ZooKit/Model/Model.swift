import Foundation
import GraphIR
import GraphRuntime
import ModelKit
import Synchronization

/// A network with its weights, ready to run on images of any size that it can take.
///
/// Safe to use from many threads. The network is compiled for an input size when that size is
/// first used, and kept.
public final class Model: Sendable {
  /// Labels, operating points, licence and the rest.
  public let description: ModelDescription
  /// The name of the architecture.
  public let architecture: String
  /// The architecture's configuration.
  public let configuration: JSONValue
  /// What the network gives, in reading order.
  public let endpoints: [Endpoint]
  /// How many channels the network itself takes.
  public let inputChannels: Int

  private let registered: RegisteredArchitecture
  let weights: [String: Tensor]
  private let threads: Threads
  private let kernels: Kernels
  private let precision: Precision
  private let sessions = Mutex<[SessionKey: Session]>([:])

  private struct SessionKey: Hashable {
    let image: Shape
    let endpoints: Set<String>
  }

  init(
    description: ModelDescription, architecture: RegisteredArchitecture,
    configuration: JSONValue, weights: [String: Tensor], execution: ExecutionOptions, file: String
  ) throws {
    let graph = try locating(file) {
      try architecture.graph(configuration, input: description.input)
    }
    inputChannels = try architecture.inputChannels(configuration)
    // Missing and misshapen weights are told now and not at the first image.
    _ = try locating(file) { try graph.binding(weights) }
    let side = description.input.resolution
    let labelled = architecture.labelled
    if let labelled,
      let classes = Self.outputCount(labelled, graph, [1, inputChannels, side, side]),
      classes != description.labels.count
    {
      throw ZooError.labelCount(
        model: file, labels: description.labels.count, outputs: classes)
    }
    self.description = description
    self.architecture = architecture.id
    self.configuration = configuration
    endpoints = architecture.endpoints
    registered = architecture
    self.weights = weights
    threads = try Threads(execution.threads)
    precision = execution.precision
    kernels = try execution.kernels()
  }

  /// The network compiled for one image size.
  ///
  /// - Parameters:
  ///   - image: `[batch, channels, height, width]`; the batch extent does not matter. One channel
  ///     is repeated for a network made for colour.
  ///   - names: the endpoints that will be asked for; all where nil.
  /// - Returns: a session for one image, which takes batches of any extent.
  /// - Throws: `ZooError` where an endpoint is unknown, the shape has another rank, or a
  ///   reconstruction would have another size than the image;
  ///   `RuntimeError` or `ConfigurationError` where the size does not fit the network.
  public func session(for image: Shape, endpoints names: [String]? = nil) throws -> Session {
    let single = try single(image, names)
    let key = SessionKey(image: single, endpoints: Set(names ?? endpoints.map(\.name)))
    if let session = sessions.withLock({ $0[key] }) { return session }
    let session = try session(for: single, endpoints: names, preferring: nil)
    sessions.withLock { $0[key] = session }
    return session
  }

  /// The same, not kept, with convolutions computed in a way that may not be the fastest.
  package func session(
    for image: Shape, endpoints names: [String]?, preferring path: ConvolutionPath?
  ) throws -> Session {
    let single = try single(image, names)
    let graph = try network(channels: image[1] == 1 ? 1 : nil)
    try checkReconstruction(graph, of: single, endpoints: names)
    return try Session(
      graph, weights: weights, inputShapes: [Self.inputName: single], endpoints: names,
      precision: precision, threads: threads, kernels: kernels, preferred: path)
  }

  /// The network for images of so many channels; its own number where nil.
  func network(channels: Int?) throws -> Graph {
    try registered.graph(configuration, channels: channels, input: description.input)
  }

  /// The shape of one image, of which endpoints are asked for that there are.
  private func single(_ image: Shape, _ names: [String]?) throws -> Shape {
    guard image.count == 4 else { throw ZooError.tensorRank(image) }
    for name in names ?? [] { try require(name) }
    return Shape([1] + image.dimensions.dropFirst())
  }

  /// Computes endpoints for a batch of images that are already prepared.
  ///
  /// - Parameters:
  ///   - images: `[batch, channels, height, width]`, scaled to -1024...1024.
  ///   - names: the endpoints to compute; all where nil.
  /// - Returns: each endpoint by name, float32, batch extent first.
  /// - Throws: as `session(for:endpoints:)`.
  public func run(
    _ images: Tensor, endpoints names: [String]? = nil
  ) throws -> [String: Tensor] {
    try session(for: images.shape, endpoints: names).run([Self.inputName: images])
  }

  /// Checks that the model has an output.
  ///
  /// - Throws: `ZooError` with the nearest name where it has none of this name.
  public func require(_ endpoint: String) throws(ZooError) {
    guard endpoints.contains(where: { $0.name == endpoint }) else {
      throw .noEndpoint(
        model: description.name, endpoint: endpoint, known: endpoints.map(\.name))
    }
  }

  /// The name of the one input.
  public static let inputName = "image"

  /// The number or map for each label that the network gives.
  ///
  /// - Throws: `ZooError` where it gives none of that kind, with what it gives.
  public func endpoint(_ kind: Endpoint.Kind) throws(ZooError) -> String {
    guard let endpoint = endpoints.first(where: { $0.kind == kind }) else {
      throw .noSuchOutputs(
        model: description.name, wanted: kind, known: endpoints.map(\.name),
        has: registered.labelled?.kind)
    }
    return endpoint.name
  }

  /// For how many labels an endpoint has a number or map, or nil for images that do not fit the
  /// network.
  private static func outputCount(_ endpoint: Endpoint, _ graph: Graph, _ image: Shape) -> Int? {
    guard let value = graph.endpoints[endpoint.name],
      let shapes = try? graph.shapes(inputs: [inputName: image]), shapes[value.index].count > 1
    else { return nil }
    return shapes[value.index][1]
  }
}
