import GraphIR

/// What a model wants to see.
///
/// Every model takes `[batch, 1, height, width]`, float32 in `range`; what its network needs beyond
/// that (`scaling`, more channels) is done inside the graph.
public struct InputSpecification: Hashable, Sendable {
  /// How inputs of another size than `resolution` are resized where that is asked for.
  public enum Interpolation: String, Hashable, Sendable, CaseIterable {
    /// Bilinear with antialiasing, as most of torchxrayvision's models do it.
    case antialiased
    /// Bilinear between the nearest pixels alone.
    case bilinear
  }

  /// Height and width in pixels.
  public let resolution: Int
  /// Channels that the network's first layer takes.
  public let channels: Int
  /// The values of black and white.
  public let range: ClosedRange<Float>
  /// What the graph does to the pixels first.
  public let scaling: InputScaling
  /// How inputs of another size are resized.
  public let interpolation: Interpolation

  /// Pixels on a side that no X-ray model needs; keeps a typing error from reserving all memory.
  static let resolutionLimit = 8192

  /// Describes an input of `resolution` × `resolution` pixels.
  ///
  /// - Throws: `ManifestError.Problem` where a size is outside 1 to 8192 pixels or 1 or 3 channels, or
  ///   the scaling is for another number of channels.
  public init(
    resolution: Int, channels: Int = 1, range: ClosedRange<Float> = -1024...1024,
    scaling: InputScaling = .none, interpolation: Interpolation = .antialiased
  ) throws {
    guard 1...Self.resolutionLimit ~= resolution else {
      throw ManifestError.Problem.resolution(resolution, limit: Self.resolutionLimit)
    }
    guard [1, 3].contains(channels) else { throw ManifestError.Problem.channels(channels) }
    guard scaling.mean.isEmpty || scaling.mean.count == channels else {
      throw ManifestError.Problem.scaling
    }
    self.resolution = resolution
    self.channels = channels
    self.range = range
    self.scaling = scaling
    self.interpolation = interpolation
  }
}

extension InputSpecification {
  static let keys = ["resolution", "channels", "range", "scaling", "interpolation"]

  init(_ fields: JSONFields) throws {
    let path = fields.path(of: "range")
    let bounds = try fields.array("range").map { Float(try $0.number(at: path)) }
    guard bounds.count == 2, bounds[0] < bounds[1], bounds.allSatisfy(\.isFinite) else {
      throw ManifestError.Problem.range
    }
    try self.init(
      resolution: fields.integer("resolution"), channels: fields.integer("channels"),
      range: bounds[0]...bounds[1], scaling: InputScaling(fields),
      interpolation: fields.optional("interpolation") == nil
        ? .antialiased : fields.choice("interpolation"))
  }

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "resolution": .integer(resolution), "channels": .integer(channels),
      "range": .array([.number(Double(range.lowerBound)), .number(Double(range.upperBound))]),
      "scaling": scaling.json,
    ]
    if interpolation != .antialiased {
      members["interpolation"] = .string(interpolation.rawValue)
    }
    return .object(members)
  }
}

extension JSONFields {
  /// One of the values of an enumeration, or an error with the nearest.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws -> Choice {
    let text = try string(key)
    guard let choice = Choice(rawValue: text) else {
      throw ManifestError.Problem.unknownValue(
        member: key, value: text, known: Choice.allCases.map(\.rawValue))
    }
    return choice
  }
}
