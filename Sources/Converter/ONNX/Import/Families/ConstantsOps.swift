import GraphIR

/// Literals, and other element types.
enum ConstantsOps {
  static let table: [String: ONNXHandler] = [
    "Constant": { _, call throws(ONNXProblem) in [ImportedValue(try literal(call))] },
    "ConstantOfShape": filled,
    "Cast": cast,
    "CastLike": cast,
  ]

  /// The one of several attributes that is given.
  private static func literal(_ call: ONNXCall) throws(ONNXProblem) -> Tensor {
    let kinds = ["value", "value_float", "value_floats", "value_int", "value_ints"]
    let refused = ["value_string", "value_strings", "sparse_value"]
    if let name = refused.first(where: call.has) { throw .form("the constant “\(name)”") }
    let given = kinds.filter(call.has)
    guard let name = given.first else { throw .missingAttribute("value") }
    guard given.count == 1 else { throw .form("several constants, \(given)") }
    switch (name, call.node.attributes[name]) {
    case ("value", .tensor(let tensor)?): return tensor
    case ("value_float", .float(let number)?): return Tensor(shape: [], [number])
    case ("value_floats", .floats(let numbers)?): return Tensor(shape: [numbers.count], numbers)
    case ("value_int", .int(let number)?):
      return Tensor(dtype: .int64, shape: [], elements: [Int64(number)])
    case ("value_ints", .ints(let numbers)?):
      return Tensor(dtype: .int64, shape: [numbers.count], elements: numbers.map { Int64($0) })
    // A list without elements is of every kind.
    case ("value_floats", .ints(let numbers)?) where numbers.isEmpty:
      return Tensor(shape: [0], [])
    case ("value_ints", .floats(let numbers)?) where numbers.isEmpty:
      return Tensor(dtype: .int64, shape: [0], elements: [Int64]())
    default: throw .attribute(name, found: "of another type", needed: "what its name says")
    }
  }

  /// A single number repeated, 0 without one.
  @Sendable private static func filled(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let shape = try Shape(checking: try importer.wholeNumbers(call, 0))
    var number = importer.scalar(0)
    switch call.node.attributes["value"] {
    case nil: break
    case .tensor(let tensor)? where tensor.shape.elementCount == 1:
      number = ImportedValue(tensor.reshaped(to: []))
    case _?: throw .attribute("value", found: "something else", needed: "a tensor of one number")
    }
    return [try importer.broadcast(number, to: shape)]
  }

  /// Of computed numbers: real ones stay what they are, as all are computed in 32 bits; whole ones
  /// are cut off; truth values are whether a number differs from 0.
  @Sendable private static func cast(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (value, target) = (try call.operand(0), try call.castTarget())
    let source = value.dtype
    guard source.isHostType else {
      throw .operandType(0, found: source, needed: "numbers of 16 bits or more, or truth values,")
    }
    if source == target { return [value] }
    if target == .bool {
      return [try importer.negation(try importer.negation(value))]
    }
    if target == .float16 || target == .bfloat16, let known = value.known,
      let rounded = known.rounded(to: target)
    {
      try importer.count([rounded.tensor], of: [value])
      return [ImportedValue(rounded.tensor)]
    }
    if source.isFloatingPoint, !target.isFloatingPoint {
      return [try importer.unary(.truncate, value).typed(target)]
    }
    guard target.isFloatingPoint || target.holds(source) else { throw .integerArithmetic }
    return [try importer.computed(value).typed(target)]
  }
}

extension DType {
  /// Whether whole numbers of another type keep their values: those of 32 bits and more are taken
  /// to be as small as indices are.
  fileprivate func holds(_ source: DType) -> Bool {
    switch (source, self) {
    case (.bool, _), (_, .int32), (_, .int64), (_, .uint32), (_, .uint64): true
    case (.uint8, .int16), (.uint8, .uint16), (.int8, .int16): true
    default: false
    }
  }
}
