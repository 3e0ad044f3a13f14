/// The members of one JSON object, with its place for messages.
///
/// A member that is null counts as absent.
package struct JSONFields {
  /// Where the object stands, such as `models[2].input`.
  package let path: String
  /// The members as they stand.
  package let members: [String: JSONValue]

  /// Takes an object apart.
  ///
  /// - Parameters:
  ///   - value: what should be an object.
  ///   - path: where it stands, for messages.
  /// - Throws: `JSONFieldError.wrongType`.
  package init(_ value: JSONValue, at path: String) throws {
    guard case .object(let members) = value else {
      throw JSONFieldError.wrongType(path: path, expected: "an object", found: value.typeName)
    }
    self.path = path
    self.members = members
  }

  /// Refuses members that are not listed, so that a misspelt key is not passed over.
  package func refuseUnknown(besides known: [String]) throws {
    let unknown = members.keys.filter { !known.contains($0) }
    if let key = unknown.min() {
      throw JSONFieldError.unknownKey(
        path: path, key: key, nearest: nearestName(to: key, in: known))
    }
  }

  /// The place of a member, for messages.
  package func path(of key: String) -> String { "\(path).\(key)" }

  /// A member, or nil where it is absent or null.
  package func optional(_ key: String) -> JSONValue? {
    let value = members[key]
    return value == .null ? nil : value
  }

  /// A member that must be there.
  package func required(_ key: String) throws -> JSONValue {
    guard let value = optional(key) else { throw JSONFieldError.missing(path: path(of: key)) }
    return value
  }

  /// A string that must be there.
  package func string(_ key: String) throws -> String {
    try required(key).string(at: path(of: key))
  }

  /// A string, or nil where it is absent.
  package func optionalString(_ key: String) throws -> String? {
    try optional(key)?.string(at: path(of: key))
  }

  /// A whole number that must be there.
  package func integer(_ key: String) throws -> Int {
    try required(key).integer(at: path(of: key))
  }

  /// A whole number, or nil where it is absent.
  package func optionalInteger(_ key: String) throws -> Int? {
    try optional(key)?.integer(at: path(of: key))
  }

  /// An array that must be there.
  package func array(_ key: String) throws -> [JSONValue] {
    try required(key).array(at: path(of: key))
  }

  /// An object that must be there.
  package func object(_ key: String) throws -> JSONFields {
    try JSONFields(required(key), at: path(of: key))
  }
}

extension JSONValue {
  /// The kind of value, with its article, for messages.
  package var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The string, or an error that names the place.
  package func string(at path: String) throws -> String {
    guard case .string(let value) = self else { throw mismatch(path, "a string") }
    return value
  }

  /// The whole number, or an error that names the place.
  package func integer(at path: String) throws -> Int {
    guard case .integer(let value) = self else {
      throw mismatch(path, "a whole number", number: "another number")
    }
    return value
  }

  /// The number, whole or not, or an error that names the place.
  package func number(at path: String) throws -> Double {
    switch self {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    default: throw mismatch(path, "a number")
    }
  }

  /// The elements, or an error that names the place.
  package func array(at path: String) throws -> [JSONValue] {
    guard case .array(let elements) = self else { throw mismatch(path, "an array") }
    return elements
  }

  private func mismatch(
    _ path: String, _ expected: String, number: String? = nil
  ) -> JSONFieldError {
    let found = if case .number = self, let number { number } else { typeName }
    return .wrongType(path: path, expected: expected, found: found)
  }
}
