/// Why a text is not acceptable JSON, and where.
public struct JSONSyntaxError: Error, Hashable, Sendable {
  /// What is wrong there.
  public enum Problem: Hashable, Sendable {
    /// The text stops inside a value.
    case unexpectedEnd
    /// Another byte was needed.
    case unexpectedByte(expected: String)
    /// Something follows the value.
    case trailingBytes
    /// An object has a key twice.
    case duplicateKey(String)
    /// A string is not UTF-8.
    case invalidUTF8
    /// A backslash is followed by no known escape, or by half a surrogate pair.
    case invalidEscape
    /// A control character stands bare in a string.
    case controlCharacter
    /// A number is too long, or no finite double.
    case numberOutOfRange
    /// Arrays and objects are nested too deeply.
    case tooDeep(limit: Int)
    /// The values of the text would fill too many bytes of memory.
    case tooLarge(limit: Int)
  }

  /// The offset of the offending byte in the text.
  public let offset: Int
  /// What is wrong there.
  public let problem: Problem

  package init(offset: Int, problem: Problem) {
    self.offset = offset
    self.problem = problem
  }
}

extension JSONSyntaxError: CustomStringConvertible {
  /// The reason and the place, as the end of a sentence.
  public var description: String { "\(reason) at byte \(offset)" }

  private var reason: String {
    switch problem {
    case .unexpectedEnd: "the text ends too early"
    case .unexpectedByte(let expected): "expected \(expected)"
    case .trailingBytes: "something follows the value"
    case .duplicateKey(let key): "the key \(key.quoted) occurs twice"
    case .invalidUTF8: "a string is not UTF-8"
    case .invalidEscape: "a string has an escape that JSON does not know"
    case .controlCharacter: "a string has a bare control character"
    case .numberOutOfRange: "a number is too large"
    case .tooDeep(let limit): "more than \(limit) arrays and objects inside each other"
    case .tooLarge(let limit): "values that fill more than \(limit) bytes of memory"
    }
  }
}

/// A member of a JSON object that is absent, misspelt or of the wrong type.
public enum JSONFieldError: Error, Hashable, Sendable {
  /// A member that must be there is not.
  case missing(path: String)
  /// A value has another type than it should.
  case wrongType(path: String, expected: String, found: String)
  /// An object has a member that nobody knows; `nearest` is what was probably meant.
  case unknownKey(path: String, key: String, nearest: String?)
}

extension JSONFieldError: CustomStringConvertible {
  /// The fault and the place, as the end of a sentence.
  public var description: String {
    switch self {
    case .missing(let path): "\(path) is missing"
    case .wrongType(let path, let expected, let found): "\(path) must be \(expected), not \(found)"
    case .unknownKey(let path, let key, let nearest):
      "\(path) has an unknown key \(key.quoted)"
        + (nearest.map { " (did you mean \($0.quoted)?)" } ?? "")
    }
  }
}

extension StringProtocol {
  /// The text between quotation marks, fit for one line of a terminal.
  ///
  /// Texts from foreign files may hold line breaks and terminal commands, or be megabytes long:
  /// control characters are replaced by `?`, and what is longer than 80 characters is cut.
  package var quoted: String {
    let limit = 80
    let start = unicodeScalars.prefix(limit)
    let end = start.endIndex == unicodeScalars.endIndex ? "\"" : "…\""
    return "\"" + String(String.UnicodeScalarView(start)).printable + end
  }

  /// The text with control characters replaced by `?`.
  package var printable: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          let isSafe = scalar.properties.generalCategory != .control && !isInvisible(scalar)
          return isSafe ? scalar : "?"
        }))
  }

  // Line separators and the marks that reverse the direction of text.
  private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
