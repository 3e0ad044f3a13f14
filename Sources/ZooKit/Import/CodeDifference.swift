/// Where the code of a file first leaves the network that its tensors belong to, seen from the end.
public struct CodeDifference: Equatable, Sendable, CustomStringConvertible {
  /// The layer, by its label in the graph.
  public let layer: String
  /// What the graph computes there.
  public let expected: String
  /// What the code computes there.
  public let found: String

  /// Creates a difference.
  public init(layer: String, expected: String, found: String) {
    self.layer = layer
    self.expected = expected
    self.found = found
  }

  /// A clause.
  public var description: String { "at \(layer) it has \(found) in the place of \(expected)" }
}
