import GraphIR

/// How one op's nodes become nodes of our graph: a result for each output that the node lists, in
/// order, or fewer where the last ones are not wanted.
typealias ONNXHandler =
  @Sendable (inout ONNXImporter, ONNXCall) throws(ONNXProblem) -> [ImportedValue]

/// Builds our graph from an ONNX one, for inputs of known shapes.
///
/// Shapes being known, everything that ONNX models compute of shapes is known too, and is evaluated
/// here (`HostOps`); what depends on the inputs' numbers becomes nodes. Each family of ops stands in
/// a file of its own, as compositions of the few ops that our graph has.
struct ONNXImporter {
  /// The graph so far; families add to it through the methods in `ONNXImporter+Emit.swift`.
  var builder = GraphBuilder()
  /// The shape of every value of the builder, by index.
  var shapes: [Shape] = []
  /// The name of the node in progress, for the labels of what is built.
  private(set) var label = ""
  /// The version of the operator set.
  let opset: Int

  private var values: [String: ImportedValue] = [:]
  /// The inputs whose numbers are not known, by the values that stand for them.
  private var inputNames: [Graph.Value: String] = [:]
  /// Branches that are being imported, one within another.
  private var depth = 0
  /// Bytes read and made by what was evaluated here, and those of tables.
  private var evaluatedBytes = 0
  /// How many there may be.
  private let mostBytes: Int

  /// Branches within branches; no exporter nests them more than a few deep.
  private static let mostNestedBranches = 32
  /// Beyond any machine's memory, and so small that sums of bytes can still be counted.
  private static let mostCountable = 1 << 60
  /// Axes of a value; networks have 8 at most, and work on shapes grows with their square.
  static let mostAxes = 32

  /// - Parameters:
  ///   - opset: the version of the operator set.
  ///   - constantBytes: how many bytes the model's own tensors have.
  init(opset: Int, constantBytes: Int) {
    self.opset = opset
    let (own, overflow) = constantBytes.multipliedReportingOverflow(by: HostOps.mostBytesPerByte)
    mostBytes = overflow || own > Self.mostCountable ? Self.mostCountable : HostOps.mostBytes + own
  }

  /// Every op that can be had, with its family.
  static let handlers: [String: ONNXHandler] = {
    var handlers: [String: ONNXHandler] = [:]
    for family in families { handlers.merge(family) { first, _ in first } }
    return handlers
  }()

  /// Whether nodes of an op can be imported at all.
  static func knows(_ op: String) -> Bool { handlers[op] != nil || HostOps.table[op] != nil }
}

// Values by name.
extension ONNXImporter {
  mutating func define(_ name: String, _ value: ImportedValue) { values[name] = value }

  func value(named name: String) throws(ONNXProblem) -> ImportedValue {
    guard let value = values[name] else { throw .undefinedValue(name) }
    return value
  }

  /// Declares an input whose numbers come when the network runs.
  mutating func input(_ name: String, shape: Shape, dtype: DType) {
    let value = builder.input(name, shape: shape)
    shapes.append(shape)
    inputNames[value] = name
    values[name] = ImportedValue(value, shape: shape, dtype: dtype)
  }

  /// The numbers of an operand that must be known now.
  ///
  /// - Throws: `ONNXProblem.needsValue` for an input of the model, whose numbers may be given;
  ///   `.unknownValue` for anything that the network computes.
  func known(_ value: ImportedValue, operand index: Int) throws(ONNXProblem) -> Tensor {
    switch value.content {
    case .known(let tensor): return tensor
    case .computed(let made):
      if let name = inputNames[made] { throw .needsValue(input: name) }
      throw .unknownValue(index)
    }
  }

  /// Refuses whole numbers and truth values, which the runtime does not calculate with; those of
  /// an input can be known beforehand instead.
  func requireRealNumbers(_ values: [ImportedValue?]) throws(ONNXProblem) {
    for value in values {
      guard let value, !value.dtype.isFloatingPoint else { continue }
      if case .computed(let made) = value.content, let name = inputNames[made] {
        throw .needsValue(input: name)
      }
      if value.known == nil { throw .integerArithmetic }
    }
  }
}

// Nodes.
extension ONNXImporter {
  /// Imports nodes in their order.
  ///
  /// - Throws: `ONNXNodeError`, naming the node.
  mutating func run(_ nodes: [ONNXNode]) throws(ONNXNodeError) {
    for node in nodes {
      do throws(ONNXProblem) {
        try run(node)
      } catch {
        throw ONNXNodeError(node: node, problem: error)
      }
    }
  }

  private mutating func run(_ node: ONNXNode) throws(ONNXProblem) {
    label = node.name.isEmpty ? node.outputs.first ?? node.op : node.name
    var operands = [ImportedValue?]()
    for name in node.inputs { operands.append(name.isEmpty ? nil : try value(named: name)) }
    for case let operand? in operands {
      guard operand.rank <= Self.mostAxes else { throw .limit("axes", maximum: Self.mostAxes) }
      guard operand.shape.isComputable else { throw .shape(.tooLarge(operand.shape)) }
    }
    let call = ONNXCall(node: node, opset: opset, operands: operands)
    let results: [ImportedValue]
    if let evaluated = try HostOps.evaluate(call) {
      try count(evaluated, of: HostOps.shapeOps.contains(node.op) ? [] : operands)
      results = evaluated.map(ImportedValue.init)
    } else if let handler = Self.handlers[node.op] {
      results = try handler(&self, call)
    } else if HostOps.table[node.op] != nil {
      for (index, operand) in operands.enumerated() {
        if let operand { _ = try known(operand, operand: index) }
      }
      throw .limit("numbers to evaluate", maximum: HostOps.mostWholeNumbers)
    } else {
      throw .unsupportedNodes([ONNXError.Place(node, opset: opset)])
    }
    for (index, name) in node.outputs.enumerated() where !name.isEmpty {
      guard results.indices.contains(index) else {
        throw .form("a result \(index) that is asked for")
      }
      values[name] = results[index]
    }
  }

  /// Counts what was evaluated while importing.
  mutating func count(
    _ results: [Tensor], of operands: [ImportedValue?]
  ) throws(ONNXProblem) {
    for tensor in results + operands.compactMap({ $0?.known }) { try count(tensor.byteCount) }
  }

  /// Counts bytes that evaluation reads or makes.
  mutating func count(_ bytes: Int) throws(ONNXProblem) {
    // At most the file's size each, so that they can be added.
    evaluatedBytes += bytes
    guard evaluatedBytes <= mostBytes else {
      throw .limit("bytes to evaluate", maximum: mostBytes)
    }
  }

  /// Conditionals, of which one branch is imported in their place.
  static let conditionals: [String: ONNXHandler] = [
    "If": { importer, call throws(ONNXProblem) in try importer.branch(call) }
  ]

  /// The branch of a conditional whose condition is known.
  private mutating func branch(_ call: ONNXCall) throws(ONNXProblem) -> [ImportedValue] {
    let condition = try known(try call.operand(0), operand: 0)
    guard condition.shape.elementCount == 1, let isTrue = condition.floats().map({ $0[0] != 0 })
    else { throw .operandShape(0, found: condition.shape, needed: "one truth value") }
    let name = isTrue ? "then_branch" : "else_branch"
    guard case .graph(let graph)? = call.node.attributes[name] else {
      throw .missingAttribute(name)
    }
    guard depth < Self.mostNestedBranches else {
      throw .limit("nested branches", maximum: Self.mostNestedBranches)
    }
    depth += 1
    defer { depth -= 1 }
    for (name, tensor) in graph.initializers { define(name, ImportedValue(tensor)) }
    do throws(ONNXNodeError) {
      try run(graph.nodes)
    } catch {
      // Whoever imports may bind the input's numbers and try again.
      if case .needsValue = error.problem { throw error.problem }
      throw .inBranch(ONNXError.Place(error.node, opset: opset), error.problem)
    }
    var results = [ImportedValue]()
    for output in graph.outputs { results.append(try value(named: output.name)) }
    return results
  }
}

/// What is wrong, and at which node.
struct ONNXNodeError: Error {
  let node: ONNXNode
  let problem: ONNXProblem
}

extension ONNXError.Place {
  init(_ node: ONNXNode, opset: Int) {
    self.init(
      op: node.op, opset: opset,
      name: node.name.isEmpty ? node.outputs.first { !$0.isEmpty } ?? "" : node.name)
  }
}
