import GraphIR
import ModelKit

/// How one of a file's tensors differs from what an architecture needs.
public enum TensorMismatch: Hashable, Sendable {
  /// A parameter that is missing, and a tensor too many whose name is nearly that.
  case renamed(String, found: String)
  /// A parameter of another shape.
  case shape(String, expected: Shape, found: Shape)
  /// A parameter that is made of some rows of a tensor, of which the file does not say which.
  case rows(String, RowFault)
  /// A parameter that is not there.
  case missing(String)
  /// A tensor that the architecture has no use for.
  case unexpected(String)

  /// Whether a parameter lacks its tensor.
  var isMissing: Bool {
    switch self {
    case .renamed, .missing: true
    case .shape, .rows, .unexpected: false
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
    case .rows(let name, let fault): "\(name) cannot be put in order: \(fault.words)"
    case .missing(let name): "\(name) is missing"
    case .unexpected(let name): "\(name.quoted) is not needed"
    }
  }
}

extension RowFault {
  fileprivate var words: String {
    switch self {
    case .noTable(let table): "the file has no dictionary \(table.quoted) of whole numbers"
    case .noEntry(let entry, let table): "\(table.quoted) has no \(entry.quoted)"
    case .number(let number, let entry, let table):
      "\(table.quoted) says that \(entry.quoted) is number \(number), which is none of its own"
    case .rowCount(let table, let expected, let found):
      "\(table.quoted) is for \(expected) rows and not for a \(found) tensor"
    }
  }
}
