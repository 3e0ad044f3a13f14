import GraphIR

// Operands that say how, not what: axes, shapes, repeats.
extension ONNXImporter {
  /// Whole numbers that must be known now, in a vector or alone.
  func wholeNumbers(_ call: ONNXCall, _ index: Int) throws(ONNXProblem) -> [Int] {
    let value = try call.operand(index)
    guard value.rank <= 1 else {
      throw .operandShape(index, found: value.shape, needed: "a vector")
    }
    let tensor = try known(value, operand: index)
    guard let host = try HostTensor(tensor), value.dtype != .bool, let numbers = host.wholes else {
      throw .operandType(index, found: value.dtype, needed: "whole numbers, and few of them,")
    }
    return numbers
  }

  /// One whole number that must be known now.
  func wholeNumber(_ call: ONNXCall, _ index: Int) throws(ONNXProblem) -> Int {
    let numbers = try wholeNumbers(call, index)
    guard numbers.count == 1 else {
      throw .operandShape(index, found: [numbers.count], needed: "one number")
    }
    return numbers[0]
  }

  /// Whole numbers that an attribute gave before an opset, and an operand since.
  func wholeNumbers(
    _ call: ONNXCall, _ name: String, operand index: Int, since opset: Int
  ) throws(ONNXProblem) -> [Int]? {
    if call.opset < opset { return try call.optionalInts(name) }
    return call.optional(index) == nil ? nil : try wholeNumbers(call, index)
  }

  /// Real numbers that must be known now, in a vector or alone.
  func realNumbers(_ call: ONNXCall, _ index: Int) throws(ONNXProblem) -> [Float] {
    let value = try call.operand(index)
    guard value.rank <= 1 else {
      throw .operandShape(index, found: value.shape, needed: "a vector")
    }
    let tensor = try known(value, operand: index)
    guard value.dtype.isFloatingPoint, let numbers = tensor.floats() else {
      throw .operandType(index, found: value.dtype, needed: "real numbers")
    }
    return numbers
  }

  /// One real number that must be known now.
  func realNumber(_ call: ONNXCall, _ index: Int) throws(ONNXProblem) -> Float {
    let value = try call.operand(index)
    guard value.shape.elementCount == 1 else {
      throw .operandShape(index, found: value.shape, needed: "one number")
    }
    guard let numbers = try known(value, operand: index).floats() else {
      throw .operandType(index, found: value.dtype, needed: "real numbers")
    }
    return numbers[0]
  }
}

extension Shape {
  /// Extents that foreign numbers ask for.
  ///
  /// - Throws: `ONNXProblem.extents` where one is negative or all are too large together, `.limit`
  ///   where there are too many.
  init(checking extents: [Int]) throws(ONNXProblem) {
    guard extents.count <= ONNXImporter.mostAxes else {
      throw .limit("axes", maximum: ONNXImporter.mostAxes)
    }
    guard extents.allSatisfy({ $0 >= 0 }), Shape(extents).isComputable else {
      throw .extents(extents)
    }
    self.init(extents)
  }
}
