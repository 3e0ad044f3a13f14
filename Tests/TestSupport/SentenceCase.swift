/// Work that must be refused, and the sentence that it must be refused with.
public struct SentenceCase: Sendable, CustomStringConvertible {
  /// What the case is about, as test results show it.
  public let description: String
  /// The error's description.
  public let sentence: String
  /// Throws the error.
  public let provoke: @Sendable () throws -> Void

  /// Creates a case.
  public init(
    _ description: String, _ sentence: String, _ provoke: @escaping @Sendable () throws -> Void
  ) {
    self.description = description
    self.sentence = sentence
    self.provoke = provoke
  }
}
