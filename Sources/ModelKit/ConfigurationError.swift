/// Why a configuration makes no network.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The member of the configuration at fault.
  public let field: String
  /// What it is.
  public let found: String
  /// What it must be.
  public let expected: String

  /// Creates an error about one member.
  public init(field: String, found: some CustomStringConvertible, expected: String) {
    self.field = field
    self.found = found.description
    self.expected = expected
  }

  /// The longest list that is told number by number.
  private static let longestList = 16

  /// Creates an error about a list, which may be a hostile file's: of a long one its length is told.
  public init(field: String, found list: [Int], expected: String) {
    self.init(
      field: field, found: list.count > Self.longestList ? "\(list.count) long" : "\(list)",
      expected: expected)
  }

  /// Checks numbers that have the same bounds.
  ///
  /// - Parameters:
  ///   - members: the configuration's, by name.
  ///   - range: what each must lie in.
  /// - Throws: an error about the first that does not.
  public static func check(
    _ members: KeyValuePairs<String, Int>, within range: ClosedRange<Int>
  ) throws(ConfigurationError) {
    for (field, value) in members where !range.contains(value) {
      throw ConfigurationError(
        field: field, found: value, expected: "from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// One sentence.
  public var description: String {
    "the configuration's \(field) is \(found), must be \(expected)"
  }
}
