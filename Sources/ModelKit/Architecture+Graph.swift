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
  /// - Returns: the verified graph.
  /// - Throws: `ConfigurationError` or `GraphError` where the configuration makes no network.
  public static func graph(
    _ configuration: Configuration, channels: Int? = nil
  ) throws -> Graph {
    let needed = inputChannels(configuration)
    guard (1...mostInputChannels).contains(needed) else {
      throw ConfigurationError(
        field: "inputChannels", found: needed, expected: "from 1 to \(mostInputChannels)")
    }
    let given = channels ?? needed
    var builder = GraphBuilder()
    var image = builder.input(inputName, channels: given)
    if given == 1, needed > 1 {
      image = builder.concatenation(
        Array(repeating: image, count: needed), label: inputName + ".repeated")
    } else if given != needed {
      throw ConfigurationError(
        field: "inputChannels", found: needed, expected: "\(given), as the input has")
    }
    try build(configuration, on: image, in: &builder)
    return try builder.build()
  }
}
