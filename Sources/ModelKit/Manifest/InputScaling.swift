import GraphIR

/// What a model's graph does to the pixels first: the values that the network was trained on.
///
/// Black and white become the ends of `target`; then the mean of each channel is subtracted and the
/// difference divided by its deviation. One affine map a channel.
public struct InputScaling: Hashable, Sendable {
  /// What black and white become; nil leaves them.
  public let target: ClosedRange<Float>?
  /// The mean of each channel on the scale of `target`; empty for none.
  public let mean: [Float]
  /// The deviation of each channel, as many as there are means.
  public let deviation: [Float]

  /// Describes a scaling.
  ///
  /// - Parameters:
  ///   - target: what black and white become; nil leaves them.
  ///   - mean: one number a channel, or none.
  ///   - deviation: as many positive numbers as `mean` has.
  /// - Throws: `ManifestError.Problem`.
  public init(
    to target: ClosedRange<Float>?, mean: [Float] = [], deviation: [Float] = []
  ) throws {
    guard mean.count == deviation.count, deviation.allSatisfy({ $0 > 0 && $0.isFinite }),
      mean.allSatisfy(\.isFinite),
      target.map({ $0.lowerBound.isFinite && $0.upperBound.isFinite }) ?? true
    else { throw ManifestError.Problem.scaling }
    self.init(target, mean: mean, deviation: deviation)
  }

  private init(_ target: ClosedRange<Float>?, mean: [Float] = [], deviation: [Float] = []) {
    self.target = target
    self.mean = mean
    self.deviation = deviation
  }

  /// The pixels as they are.
  public static let none = InputScaling(nil)
  /// From 0 to 1, then the mean and deviation of ImageNet's photographs, as torchvision's models
  /// are trained with.
  public static let imageNet = InputScaling(
    0...1, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
  /// From -1 to 1.
  public static let unit = InputScaling(-1...1)
  /// From -2 to 2.
  public static let twoUnits = InputScaling(-2...2)

  /// Factor and summand of each channel; a single pair where they are the same for all.
  ///
  /// - Parameter range: the values of black and white.
  /// - Returns: nil where nothing is to be done.
  func affine(from range: ClosedRange<Float>) -> [(factor: Float, summand: Float)]? {
    var (factor, summand) = (1.0, 0.0)
    if let target {
      let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
      factor = Double(target.upperBound - target.lowerBound) / (high - low)
      summand = Double(target.lowerBound) - low * factor
    }
    if mean.isEmpty {
      return (factor, summand) == (1, 0) ? nil : [(Float(factor), Float(summand))]
    }
    return zip(mean, deviation).map { mean, deviation in
      (
        Float(factor / Double(deviation)),
        Float((summand - Double(mean)) / Double(deviation))
      )
    }
  }
}

extension InputScaling: CustomStringConvertible {
  /// In words, such as `from -2 to 2`.
  public var description: String {
    guard self != .none else { return "none" }
    let range = target.map { "from \($0.lowerBound.plain) to \($0.upperBound.plain)" }
    let normalised =
      mean.isEmpty
      ? nil
      : self == .imageNet
        ? "then ImageNet's mean and deviation"
        : "then mean \(mean) and deviation \(deviation)"
    return [range, normalised].compactMap { $0 }.joined(separator: ", ")
  }
}

extension Float {
  /// Without `.0`.
  package var plain: String { Int64(exactly: self).map(String.init) ?? "\(self)" }
}

extension InputScaling {
  /// The word for a scaling that does nothing.
  private static let word = "none"

  /// Reads `"none"` or an object.
  init(_ fields: JSONFields) throws {
    if case .string(let word)? = fields.optional("scaling") {
      guard word == Self.word else {
        throw ManifestError.Problem.unknownValue(
          member: "scaling", value: word, known: [Self.word])
      }
      self = .none
      return
    }
    let members = try fields.object("scaling")
    try members.refuseUnknown(besides: ["to", "mean", "deviation"])
    let to = try members.floats("to")
    if let to {
      guard to.count == 2, to[0] < to[1] else { throw ManifestError.Problem.scaling }
    }
    try self.init(
      to: to.map { $0[0]...$0[1] }, mean: members.floats("mean") ?? [],
      deviation: members.floats("deviation") ?? [])
  }

  var json: JSONValue {
    guard self != .none else { return .string(Self.word) }
    // The shortest text that gives the same float: 0.485 and not 0.48500001430511475.
    func numbers(_ values: [Float]) -> JSONValue {
      .array(values.map { .number(Double("\($0)") ?? Double($0)) })
    }
    var members = [String: JSONValue]()
    members["to"] = target.map { numbers([$0.lowerBound, $0.upperBound]) }
    if !mean.isEmpty {
      members["mean"] = numbers(mean)
      members["deviation"] = numbers(deviation)
    }
    return .object(members)
  }
}

extension JSONFields {
  /// An array of numbers, or nil where the member is missing.
  fileprivate func floats(_ key: String) throws -> [Float]? {
    let path = path(of: key)
    return try optional(key)?.array(at: path).map { Float(try $0.number(at: path)) }
  }
}
