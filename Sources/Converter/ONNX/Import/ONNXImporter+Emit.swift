import GraphIR

// What families build with: the graph's own ops on imported values, their shapes checked at once.
extension ONNXImporter {
  /// Appends a node, unless the operands' shapes do not fit it.
  ///
  /// - Parameters:
  ///   - operands: what is known becomes a constant of the graph.
  ///   - dtype: the element type of the result; the first operand's where nil.
  ///   - build: adds one node for the operands, under the label.
  /// - Returns: what the node makes.
  /// - Throws: `ONNXProblem.shape`; `.beyondFloats` for known numbers that 32-bit floats do not hold.
  mutating func emit(
    _ operands: [ImportedValue], dtype: DType? = nil,
    _ build: (inout GraphBuilder, [Graph.Value], String) -> Graph.Value
  ) throws(ONNXProblem) -> ImportedValue {
    for (index, operand) in operands.enumerated() where operand.dtype.isComplex {
      throw .operandType(index, found: operand.dtype, needed: "real numbers")
    }
    var inputs = [Graph.Value]()
    for operand in operands { inputs.append(try lifted(operand)) }
    try countNode(rank: operands.map(\.rank).max() ?? 0)
    let value = build(&builder, inputs, label)
    let shape: Shape
    do throws(ShapeProblem) {
      shape = try builder.nodes[value.index].op.attributes.outputShape(of: operands.map(\.shape))
      guard shape.isComputable else { throw .tooLarge(shape) }
    } catch {
      throw .shape(error)
    }
    shapes.append(shape)
    return ImportedValue(
      value, shape: shape, dtype: dtype ?? operands.first?.dtype ?? .float32,
      isFixed: operands.allSatisfy(\.isFixed))
  }

  /// The same numbers as a value of the graph.
  mutating func computed(_ value: ImportedValue) throws(ONNXProblem) -> ImportedValue {
    ImportedValue(
      try lifted(value), shape: value.shape, dtype: value.dtype, isFixed: value.isFixed)
  }

  /// The graph's value that stands for an imported one.
  private mutating func lifted(_ value: ImportedValue) throws(ONNXProblem) -> Graph.Value {
    switch value.content {
    case .computed(let value): return value
    case .known(let tensor):
      let isHeld: Bool
      switch tensor.dtype {
      case .float64:
        try count(tensor.byteCount)
        isHeld = !tensor.overflows(.float32)
      case .int32, .uint32, .int64, .uint64:
        try count(tensor.byteCount)
        isHeld =
          tensor.floats()?.allSatisfy { $0.magnitude <= Float(Self.mostExactInteger) } ?? false
      default: isHeld = true
      }
      guard isHeld else { throw .beyondFloats }
      try countNode(rank: tensor.shape.count)
      shapes.append(tensor.shape)
      return builder.constant(tensor, label: label)
    }
  }

  /// What a node of our graph takes, and what more for each axis: one of the model's may have many
  /// results, or be made of many nodes.
  private static let nodeBytes = (fixed: 256, axis: 32)

  private mutating func countNode(rank: Int) throws(ONNXProblem) {
    try count(Self.nodeBytes.fixed + Self.nodeBytes.axis * rank)
  }

  /// The largest whole number up to which floats hold every one.
  static let mostExactInteger = 1 << 24

  /// What a number of a table takes while the table is filled, as an index and as a float.
  private static let tableBytes = 16

  /// Counts a table that is made while importing, such as the weights of an interpolation, before
  /// it is filled.
  ///
  /// - Throws: `ONNXProblem.limit` where no real model needs so many numbers.
  mutating func requireTable(_ extents: [Int]) throws(ONNXProblem) {
    let shape = Shape(extents)
    guard shape.isComputable else { throw .shape(.tooLarge(shape)) }
    try count(Self.tableBytes * shape.elementCount)
  }

  /// The product of some extents, which even of a tensor without elements may be beyond counting.
  static func product(_ extents: some Collection<Int>) throws(ONNXProblem) -> Int {
    let shape = Shape(Array(extents))
    guard shape.isComputable else { throw .shape(.tooLarge(shape)) }
    return shape.elementCount
  }

  /// One number.
  func scalar(_ value: Float) -> ImportedValue { ImportedValue(Tensor(shape: [], [value])) }

  /// Numbers in row-major order, as many as the shape has elements.
  func constant(_ values: [Float], _ shape: Shape) -> ImportedValue {
    ImportedValue(Tensor(shape: shape, values))
  }

  mutating func unary(
    _ function: Unary.Function, _ value: ImportedValue
  ) throws(ONNXProblem) -> ImportedValue {
    try emit([value]) { $0.unary(function, $1[0], label: $2) }
  }

  mutating func binary(
    _ function: Binary.Function, _ a: ImportedValue, _ b: ImportedValue, dtype: DType? = nil
  ) throws(ONNXProblem) -> ImportedValue {
    try emit([a, b], dtype: dtype) { $0.binary(function, $1[0], $1[1], label: $2) }
  }

  /// Reduces axes, counted from 0, to extent 1.
  mutating func reduction(
    _ function: Reduction.Function, _ value: ImportedValue, axes: [Int]
  ) throws(ONNXProblem) -> ImportedValue {
    try emit([value]) { $0.reduction(function, $1[0], axes: Set(axes), label: $2) }
  }

  mutating func pad(
    _ value: ImportedValue, before: [Int], after: [Int], _ mode: Pad.Mode
  ) throws(ONNXProblem) -> ImportedValue {
    if before.allSatisfy({ $0 == 0 }), after.allSatisfy({ $0 == 0 }) { return value }
    return try emit([value]) { $0.pad($1[0], before: before, after: after, mode, label: $2) }
  }

  mutating func matrixProduct(
    _ a: ImportedValue, _ b: ImportedValue
  ) throws(ONNXProblem) -> ImportedValue {
    try emit([a, b]) { $0.matrixProduct($1[0], $1[1], label: $2) }
  }

  mutating func select(
    _ condition: ImportedValue, _ a: ImportedValue, _ b: ImportedValue
  ) throws(ONNXProblem) -> ImportedValue {
    try emit([condition, a, b], dtype: a.dtype) { $0.select($1[0], $1[1], $1[2], label: $2) }
  }

  /// The elements at some places of an axis.
  mutating func gather(
    _ value: ImportedValue, _ indices: ImportedValue, axis: Int
  ) throws(ONNXProblem) -> ImportedValue {
    try emit([value, indices]) { $0.gather($1[0], indices: $1[1], axis: axis, label: $2) }
  }
}
