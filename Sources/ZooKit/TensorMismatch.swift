import GraphIR

/// How one of a file's tensors differs from what an architecture needs.
public enum TensorMismatch: Hashable, Sendable {
  /// A parameter that is missing, and a tensor too many whose name is nearly that.
  case renamed(String, found: String)
  /// A parameter of another shape.
  case shape(String, expected: Shape, found: Shape)
  /// A parameter that is not there.
  case missing(String)
  /// A tensor that the architecture has no use for.
  case unexpected(String)

  /// Whether a parameter lacks its tensor.
  var isMissing: Bool {
    switch self {
    case .renamed, .missing: true
    case .shape, .unexpected: false
    }
  }

  /// Whether a parameter does not fit.
  var isOfParameter: Bool {
    if case .unexpected = self { false } else { true }
  }
}

extension TensorMismatch: CustomStringConvertible {
  /// A few words on one line; foreign names are cut and stripped of what would upset a terminal.
  public var description: String {
    switch self {
    case .renamed(let name, let found): "\(name) is missing, is it \(found.quoted)?"
    case .shape(let name, let expected, let found): "\(name) is \(found) instead of \(expected)"
    case .missing(let name): "\(name) is missing"
    case .unexpected(let name): "\(name.quoted) is not needed"
    }
  }
}
