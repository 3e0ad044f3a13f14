import ModelKit

/// What a model's structures are called where labels would be awkward: in names of files and on
/// command lines.
///
/// `Left Lung` is `left-lung`: lower-case letters and digits of ASCII with hyphens between them,
/// different for each label of the model.
public struct StructureNames: Sendable {
  private let labels: Labels
  private let names: [String: String]

  /// The name of the picture that stands beside the masks, which no structure gets.
  public static let overlay = "overlay"

  /// Longer names are cut: file systems allow 255 bytes.
  private static let longest = 100

  /// Names all labels of a model.
  public init(_ labels: Labels) {
    self.labels = labels
    var unique = UniqueNames(reserved: [Self.overlay])
    names = Dictionary(
      uniqueKeysWithValues: labels.names.map { ($0, unique.name(Self.plain($0))) })
  }

  /// The name of a label, or nil where the model has no such label.
  public subscript(label: String) -> String? { names[label] }

  /// The label that a name means, or that is written as it is.
  ///
  /// - Throws: `UnknownLabelError` with the nearest label.
  public func label(_ text: String) throws -> String {
    if names[text] != nil { return text }
    let plain = Self.plain(text)
    if let match = labels.names.first(where: { names[$0] == plain }) { return match }
    _ = try labels.index(of: text)
    return text
  }

  private static func plain(_ label: String) -> String {
    let words = label.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
    return words.isEmpty ? "structure" : String(words.joined(separator: "-").prefix(longest))
  }
}
