import GraphIR

/// What there is to know about a model apart from its numbers: the same in a manifest entry and in
/// a native weight file.
public struct ModelDescription: Hashable, Sendable {
  /// What turns the network's last values into what people read.
  public enum Activation: String, Hashable, Sendable, CaseIterable {
    /// The values as they are.
    case none
    /// The logistic function of each value: a probability for each label by itself.
    case sigmoid
    /// The exponentials of all labelled values, divided by their sum: probabilities of labels of
    /// which one alone can be true.
    case softmax
  }

  /// The name that the model is asked for by.
  public let name: String
  /// What the outputs mean.
  public let labels: Labels
  /// For each output the probability that calibration moves to 0.5, between 0 and 1; nil for an
  /// output without one, and for the whole where the model is not calibrated.
  public let operatingPoints: [Double?]?
  /// Operating points that calibration uses only where they are asked for by name.
  public let otherOperatingPoints: [String: [Double?]]
  /// What the model wants to see.
  public let input: InputSpecification
  /// What turns the last values into probabilities.
  public let outputActivation: Activation
  /// The unit of outputs that are quantities and not probabilities, such as `years`.
  public let unit: String?
  /// Under which terms the weights may be used.
  public let licence: String
  /// The papers to cite.
  public let citations: [String]
  /// What the model is for, and what not.
  public let intendedUse: String
  /// A warning that people see with every result.
  public let notice: String?
  /// The page of those who published the model.
  public let homepage: String?

  /// Puts a description together.
  ///
  /// - Parameters:
  ///   - name: letters a to z, digits, `.`, `_` and `-`.
  ///   - labels: what the outputs mean.
  ///   - operatingPoints: as many as there are outputs, each between 0 and 1 or nil.
  ///   - otherOperatingPoints: the same under other names.
  ///   - input: what the model wants to see.
  ///   - outputActivation: what turns the last values into probabilities.
  ///   - unit: for outputs that are quantities.
  ///   - licence: terms of use.
  ///   - citations: papers to cite.
  ///   - intendedUse: what the model is for.
  ///   - notice: a warning for people.
  ///   - homepage: an https address.
  /// - Throws: `ManifestError.Problem`.
  public init(
    name: String, labels: Labels, operatingPoints: [Double?]? = nil,
    otherOperatingPoints: [String: [Double?]] = [:], input: InputSpecification,
    outputActivation: Activation, unit: String? = nil, licence: String, citations: [String] = [],
    intendedUse: String,
    notice: String? = nil, homepage: String? = nil
  ) throws {
    try checkModelName(name)
    for name in otherOperatingPoints.keys where name.isEmpty || operatingPoints == nil {
      throw ManifestError.Problem.operatingPointName(name)
    }
    for operatingPoints in [operatingPoints].compactMap({ $0 }) + otherOperatingPoints.values {
      guard operatingPoints.count == labels.count else {
        throw ManifestError.Problem.operatingPointCount(
          operatingPoints.count, labels: labels.count)
      }
      // Calibration is done in float32, where a point must not round to the ends.
      for case let point? in operatingPoints where !(Float(point) > 0 && Float(point) < 1) {
        throw ManifestError.Problem.operatingPoint(point)
      }
    }
    if let unit, unit.isEmpty || outputActivation != .none || operatingPoints != nil {
      throw ManifestError.Problem.unit(unit)
    }
    if let homepage { try checkAddress(homepage) }
    self.name = name
    self.labels = labels
    self.operatingPoints = operatingPoints
    self.otherOperatingPoints = otherOperatingPoints
    self.input = input
    self.unit = unit
    self.outputActivation = outputActivation
    self.licence = licence
    self.citations = citations
    self.intendedUse = intendedUse
    self.notice = notice
    self.homepage = homepage
  }
}

extension ModelDescription {
  static let keys = [
    "name", "labels", "operatingPoints", "otherOperatingPoints", "input", "outputActivation",
    "unit",
    "licence", "citations", "intendedUse", "notice", "homepage",
  ]

  /// Reads the `model` object of a native weight file; members of later versions are passed over.
  ///
  /// - Parameters:
  ///   - json: the object.
  ///   - file: the file's name, for messages.
  /// - Throws: `ManifestError`.
  public init(json: JSONValue, file: String) throws {
    self = try ManifestError.locating(in: file, at: "model") {
      try ModelDescription(JSONFields(json, at: "model"))
    }
  }

  init(_ fields: JSONFields) throws {
    let citations = fields.path(of: "citations")
    try self.init(
      name: fields.string("name"), labels: Labels(fields),
      operatingPoints: fields.points("operatingPoints"),
      otherOperatingPoints: fields.otherPoints,
      input: InputSpecification(fields.object("input")),
      outputActivation: fields.choice("outputActivation"),
      unit: fields.optionalString("unit"), licence: fields.string("licence"),
      citations: fields.array("citations").map { try $0.string(at: citations) },
      intendedUse: fields.string("intendedUse"), notice: fields.optionalString("notice"),
      homepage: fields.optionalString("homepage"))
  }

  /// The description as it stands in a native weight file and, among other members, in a manifest.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "labels": labels.json, "input": input.json,
      "outputActivation": .string(outputActivation.rawValue), "licence": .string(licence),
      "citations": .array(citations.map { .string($0) }), "intendedUse": .string(intendedUse),
    ]
    members["operatingPoints"] = operatingPoints?.json
    if !otherOperatingPoints.isEmpty {
      members["otherOperatingPoints"] = .object(otherOperatingPoints.mapValues(\.json))
    }
    members["unit"] = unit.map { .string($0) }
    members["notice"] = notice.map { .string($0) }
    members["homepage"] = homepage.map { .string($0) }
    return .object(members)
  }
}

extension [Double?] {
  fileprivate var json: JSONValue { .array(map { $0.map { .number($0) } ?? .null }) }
}

extension JSONFields {
  /// Numbers and nulls, or nil where the member is missing.
  fileprivate func points(_ key: String) throws -> [Double?]? {
    let path = path(of: key)
    return try optional(key)?.array(at: path).map {
      $0 == .null ? nil : try $0.number(at: path)
    }
  }

  fileprivate var otherPoints: [String: [Double?]] {
    get throws {
      let key = "otherOperatingPoints"
      guard case .object(let members)? = optional(key) else { return [:] }
      let sets = try object(key)
      return try Dictionary(
        uniqueKeysWithValues: members.keys.map { ($0, try sets.points($0) ?? []) })
    }
  }
}

/// Names go into commands and file names: they are short, and of a few characters only.
func checkModelName(_ name: String) throws {
  let limit = 100
  let isGood =
    name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  // A leading dot or hyphen would make a hidden file or an option.
  guard isGood, 1...limit ~= name.utf8.count, name.first != ".", name.first != "-" else {
    throw ManifestError.Problem.name(name, limit: limit)
  }
}

/// Addresses are followed and printed: https, a host, and no white space or control characters.
func checkAddress(_ address: String) throws {
  let scheme = "https://"
  let isPlain = address.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  guard isPlain, address.hasPrefix(scheme),
    let host = address.dropFirst(scheme.count).split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false
    ).first,
    !host.isEmpty, !host.contains("@")
  else { throw ManifestError.Problem.address(address) }
}
