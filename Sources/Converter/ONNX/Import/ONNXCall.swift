import GraphIR

/// One node being imported: its operands and attributes, checked as they are asked for.
struct ONNXCall {
  let node: ONNXNode
  /// The version of the operator set.
  let opset: Int
  /// The operands in order; nil for optional ones that are not given.
  let operands: [ImportedValue?]

  /// An operand that may be left out.
  func optional(_ index: Int) -> ImportedValue? {
    operands.indices.contains(index) ? operands[index] : nil
  }

  /// An operand that must be given.
  func operand(_ index: Int) throws(ONNXProblem) -> ImportedValue {
    guard let value = optional(index) else { throw .missingOperand(index) }
    return value
  }

  /// All operands of an op that takes any number of them.
  func allOperands() throws(ONNXProblem) -> [ImportedValue] {
    var all = [ImportedValue]()
    for index in operands.indices { all.append(try operand(index)) }
    guard !all.isEmpty else { throw .missingOperand(0) }
    return all
  }

  /// Whether somebody wants a result.
  func wants(output index: Int) -> Bool {
    node.outputs.indices.contains(index) && !node.outputs[index].isEmpty
  }
}

// Attributes.
extension ONNXCall {
  func has(_ name: String) -> Bool { node.attributes[name] != nil }

  /// A whole number; nil where it is not given.
  func optionalInt(_ name: String) throws(ONNXProblem) -> Int? {
    switch node.attributes[name] {
    case nil: nil
    case .int(let value)?: value
    case _?: throw .attribute(name, found: "of another type", needed: "a whole number")
    }
  }

  func int(_ name: String, default value: Int) throws(ONNXProblem) -> Int {
    try optionalInt(name) ?? value
  }

  /// Whole numbers; nil where they are not given.
  func optionalInts(_ name: String) throws(ONNXProblem) -> [Int]? {
    switch node.attributes[name] {
    case nil: nil
    case .ints(let values)?: values
    case _?: throw .attribute(name, found: "of another type", needed: "whole numbers")
    }
  }

  func optionalFloat(_ name: String) throws(ONNXProblem) -> Float? {
    switch node.attributes[name] {
    case nil: nil
    case .float(let value)?: value
    case _?: throw .attribute(name, found: "of another type", needed: "a number")
    }
  }

  func float(_ name: String, default value: Float) throws(ONNXProblem) -> Float {
    try optionalFloat(name) ?? value
  }

  func optionalFloats(_ name: String) throws(ONNXProblem) -> [Float]? {
    switch node.attributes[name] {
    case nil: nil
    case .floats(let values)?: values
    case _?: throw .attribute(name, found: "of another type", needed: "numbers")
    }
  }

  func string(_ name: String, default value: String) throws(ONNXProblem) -> String {
    switch node.attributes[name] {
    case nil: value
    case .string(let text)?: text
    case _?: throw .attribute(name, found: "of another type", needed: "a text")
    }
  }

  /// A word out of a list.
  func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, default value: Word
  ) throws(ONNXProblem) -> Word where Word.RawValue == String {
    let text = try string(name, default: value.rawValue)
    guard let word = Word(rawValue: text) else {
      throw .attribute(
        name, found: quoted(text),
        needed: "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return word
  }

  /// An axis, counted from the end where it is negative.
  func axis(_ axis: Int, rank: Int) throws(ONNXProblem) -> Int {
    guard axis >= -rank, axis < rank else { throw .shape(.axis(axis, rank: rank)) }
    return axis < 0 ? axis + rank : axis
  }

  /// Different axes, counted from the end where they are negative.
  func axes(_ axes: [Int], rank: Int) throws(ONNXProblem) -> [Int] {
    var result = [Int]()
    for axis in axes {
      let axis = try self.axis(axis, rank: rank)
      guard !result.contains(axis) else {
        throw .attribute("axes", found: "\(axes.prefix(16))", needed: "a list of different axes")
      }
      result.append(axis)
    }
    return result
  }
}
