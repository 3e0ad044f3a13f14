import GraphIR

/// What the outputs of a model mean, in their order.
///
/// Some published models have outputs that were never trained: those have no label, and are left
/// out of what people see.
public struct Labels: Hashable, Sendable {
  /// The label of each output, or nil where it means nothing.
  public let outputs: [String?]

  /// The labels that there are, in the order of the outputs.
  public var names: [String] { outputs.compactMap { $0 } }

  /// The number of outputs, with and without label.
  public var count: Int { outputs.count }

  /// Creates labels; they must be different and not empty.
  ///
  /// A model without labelled outputs, as an
  /// autoencoder, has none at all; else there must be one.
  ///
  /// - Throws: `ManifestError.Problem`.
  public init(_ outputs: [String?]) throws {
    var seen = Set<String>()
    for case let label? in outputs {
      guard !label.isEmpty else { throw ManifestError.Problem.emptyLabel }
      guard seen.insert(label).inserted else { throw ManifestError.Problem.duplicateLabel(label) }
    }
    guard outputs.isEmpty || !seen.isEmpty else { throw ManifestError.Problem.noLabels }
    self.outputs = outputs
  }

  /// The place of a label among the outputs.
  ///
  /// - Throws: `UnknownLabelError` with the nearest label.
  public func index(of label: String) throws -> Int {
    guard let index = outputs.firstIndex(of: label) else {
      throw UnknownLabelError(
        label: label, nearest: nearestName(to: label, in: names), known: names)
    }
    return index
  }
}

/// A label that the model does not have.
public struct UnknownLabelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The label that was asked for.
  public let label: String
  /// What was probably meant.
  public let nearest: String?
  /// All labels of the model.
  public let known: [String]

  /// One sentence with the nearest label, or else with all of them.
  public var description: String {
    "the model has no label \(label.quoted)"
      + (nearest.map { " (did you mean \($0.quoted)?)" }
        ?? ": it has \(known.joined(separator: ", "))")
  }
}

extension Labels {
  init(_ fields: JSONFields) throws {
    let path = fields.path(of: "labels")
    try self.init(
      fields.array("labels").enumerated().map { index, value in
        value == .null ? nil : try value.string(at: "\(path)[\(index)]")
      })
  }

  var json: JSONValue { .array(outputs.map { label in label.map { .string($0) } ?? .null }) }
}
