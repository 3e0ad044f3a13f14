import GraphIR

extension Architecture {
  /// The name of the one input of every model.
  public static var inputName: String { "image" }

  /// The most channels that an image is repeated to: beyond any sensor's, and a bound on what a
  /// hostile configuration can make grow.
  private static var mostInputChannels: Int { 1024 }

  /// The whole graph: the input `image`, then the network with its endpoints.
  ///
  /// - Parameters:
  ///   - configuration: as stored in a manifest or native file.
  ///   - channels: how many channels callers supply: the network's own number, or 1 for a grey
  ///     image that is repeated for a network made for colour.
  ///   - input: gives the scaling of the pixels; nil leaves them as they are.
  /// - Returns: the verified graph.
  /// - Throws: `ConfigurationError` or `GraphError` where the configuration makes no network.
  public static func graph(
    _ configuration: Configuration, channels: Int? = nil, input: InputSpecification? = nil
  ) throws -> Graph {
    let needed = inputChannels(configuration)
    guard (1...mostInputChannels).contains(needed) else {
      throw ConfigurationError(
        field: "inputChannels", found: needed, expected: "from 1 to \(mostInputChannels)")
    }
    let given = channels ?? needed
    var builder = GraphBuilder()
    var image = builder.input(inputName, channels: given)
    let affine = input.flatMap { $0.scaling.affine(from: $0.range) } ?? []
    // The same for all channels is done before there are many.
    if affine.count == 1 {
      image = builder.scaled(image, Array(repeating: affine[0], count: given))
    }
    if given == 1, needed > 1 {
      image = builder.concatenation(
        Array(repeating: image, count: needed), label: inputName + ".repeated")
    } else if given != needed {
      throw ConfigurationError(
        field: "inputChannels", found: needed, expected: "\(given), as the input has")
    }
    if affine.count > 1 {
      guard affine.count == needed else {
        throw ConfigurationError(
          field: "inputChannels", found: needed, expected: "\(affine.count), as the scaling has")
      }
      image = builder.scaled(image, affine)
    }
    try build(configuration, on: image, in: &builder)
    return try builder.build()
  }
}

extension GraphBuilder {
  /// Multiplies and adds, channel by channel.
  fileprivate mutating func scaled(
    _ image: Graph.Value, _ affine: [(factor: Float, summand: Float)]
  ) -> Graph.Value {
    let shape: Shape = [affine.count]
    let factors = constant(Tensor(shape: shape, affine.map(\.factor)), label: "scaling.factor")
    let summands = constant(Tensor(shape: shape, affine.map(\.summand)), label: "scaling.summand")
    return add(
      .channelAffine(ChannelAffine(activation: .identity)), image, factors, summands,
      label: "scaling")
  }
}
