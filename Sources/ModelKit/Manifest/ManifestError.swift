import GraphIR

/// Why a manifest, or the description of a model in a weight file, cannot be used.
public struct ManifestError: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Problem: Error, Hashable, Sendable {
    /// Broken JSON.
    case syntax(JSONSyntaxError)
    /// A member is absent, unknown or of the wrong type.
    case field(JSONFieldError)
    /// Another version of the format.
    case format(Int, known: Int)
    /// A word that is none of those known.
    case unknownValue(member: String, value: String, known: [String])
    /// A name with other characters than allowed, or too many.
    case name(String, limit: Int)
    /// A name or alias that means two models.
    case nameClash(String, first: String, second: String)
    /// An address that is not https.
    case address(String)
    /// A digest that is not 64 lower-case hexadecimal digits.
    case sha256(String)
    /// A file size that is not positive.
    case byteCount(Int)
    /// A resource without `embedded`, or the other way round, or with an address.
    case resource
    /// No output has a label.
    case noLabels
    /// A label is empty.
    case emptyLabel
    /// Two outputs have the same label.
    case duplicateLabel(String)
    /// Another number of labels than the network has outputs.
    case labelCount(Int, classCount: Int)
    /// Another number of operating points than of labels.
    case operatingPointCount(Int, labels: Int)
    /// An operating point that is not between 0 and 1.
    case operatingPoint(Double)
    /// A resolution that is no size.
    case resolution(Int, limit: Int)
    /// A number of channels other than 1 and 3.
    case channels(Int)
    /// A range that is not two rising numbers.
    case range
    /// A scaling that is none.
    case scaling
    /// Operating points of a name that is taken or empty.
    case operatingPointName(String)
    /// A unit where the outputs are not numbers as they are.
    case unit(String)
  }

  /// The file's name.
  public let file: String
  /// The entry in question, such as `models[2] ("nih")`, or nil where the fault is in no single one.
  public let place: String?
  /// What is wrong.
  public let problem: Problem
}

extension ManifestError {
  /// Runs what throws problems, and adds to them where they are.
  static func locating<Result>(
    in file: String, at place: String? = nil, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let problem as Problem {
      throw ManifestError(file: file, place: place, problem: problem)
    } catch let error as JSONSyntaxError {
      throw ManifestError(file: file, place: nil, problem: .syntax(error))
    } catch let error as JSONFieldError {
      // These say the place themselves.
      throw ManifestError(file: file, place: nil, problem: .field(error))
    }
  }
}

extension ManifestError: CustomStringConvertible {
  /// One sentence with the file, the entry and the fault.
  public var description: String {
    "\(file): " + (place.map { "\($0): " } ?? "") + problem.description
  }
}

extension ManifestError.Problem: CustomStringConvertible {
  /// The fault without its place.
  public var description: String {
    switch self {
    case .syntax(let error): "\(error)"
    case .field(let error): "\(error)"
    case .format(let version, let known):
      "the format is version \(version), this program reads version \(known): update the program"
    case .unknownValue(let member, let value, let known):
      "\(member) \(value.quoted) is unknown"
        + (nearestName(to: value, in: known).map { " (did you mean \($0.quoted)?)" }
          ?? ": it can be \(known.joined(separator: ", "))")
    case .name(let name, let limit):
      "the name \(name.quoted) must have 1 to \(limit) of the characters a to z, 0 to 9, "
        + "`.`, `_` and `-`, the first being a letter, a digit or `_`"
    case .nameClash(let name, let first, let second):
      first == second
        ? "\(name.quoted) occurs twice in the names and aliases of \(first.quoted)"
        : "\(name.quoted) is a name or alias of both \(first.quoted) and \(second.quoted)"
    case .address(let address):
      "the address \(address.quoted) must begin with https:// and have neither user "
        + "nor spaces"
    case .sha256(let digits):
      "the SHA-256 \(digits.quoted) must be 64 lower-case hexadecimal digits"
    case .byteCount(let count): "the size of \(count) bytes is impossible"
    case .resource:
      "a source of kind \"embedded\" needs a resource and no url, and any other has no resource"
    case .noLabels: "at least one output needs a label"
    case .emptyLabel: "a label is empty: write null for an output without one"
    case .duplicateLabel(let label): "the label \(label.quoted) occurs twice"
    case .labelCount(let count, let classCount):
      "there are \(count) labels for a classCount of \(classCount)"
    case .operatingPointCount(let count, let labels):
      "there are \(count) operating points for \(labels) labels"
    case .operatingPoint(let point): "the operating point \(point) is not between 0 and 1"
    case .resolution(let resolution, let limit):
      "the resolution \(resolution) is not between 1 and \(limit)"
    case .channels(let count): "there are \(count) channels, where 1 or 3 are possible"
    case .range: "the range must be two numbers, the lower one first"
    case .scaling:
      "the scaling must be \"none\", or an object with two rising numbers `to`, a `mean` for each "
        + "channel and as many positive numbers `deviation`"
    case .operatingPointName(let name):
      "other operating points cannot be called \(name.quoted)"
    case .unit(let unit):
      "a unit (\(unit.quoted)) is for outputs without activation and operating points"
    }
  }
}

/// A model that the manifest does not have.
public struct UnknownModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name that was asked for.
  public let name: String
  /// What was probably meant.
  public let nearest: String?

  package init(name: String, nearest: String?) {
    self.name = name
    self.nearest = nearest
  }

  /// One sentence with the nearest name and where all names are.
  public var description: String {
    "there is no model \(name.quoted)"
      + (nearest.map { "; did you mean \($0.quoted)?" } ?? "; `zoo list` shows them all")
  }
}
