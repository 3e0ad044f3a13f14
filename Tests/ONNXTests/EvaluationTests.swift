import Converter
import GraphIR
import Testing

/// What is evaluated while importing never wraps, never divides by zero, and never grows without end.
@Suite struct EvaluationTests {
  struct Refusal: Sendable {
    let op: String
    let operands: [Tensor]
    var attributes: [String: ONNXAttribute] = [:]
    let problem: ONNXProblem
  }

  static func whole(_ values: Int...) -> Tensor { Tensor(int64: values) }

  static let many = Tensor(int64: [Int](repeating: 1, count: 1 << 19))

  static let refusals: [Refusal] = [
    Refusal(op: "Add", operands: [whole(.max), whole(1)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Sub", operands: [whole(.min), whole(1)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Mul", operands: [whole(1 << 62), whole(2)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Div", operands: [whole(.min), whole(-1)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Neg", operands: [whole(.min)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Abs", operands: [whole(.min)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Pow", operands: [whole(3), whole(.max)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Sum", operands: [whole(.max), whole(.max)], problem: .wholeNumberRange(.int64)),
    Refusal(
      op: "ReduceProd", operands: [whole(1 << 32, 1 << 32)], problem: .wholeNumberRange(.int64)),
    Refusal(
      op: "CumSum", operands: [whole(.max, .max), whole(0)], problem: .wholeNumberRange(.int64)),
    Refusal(op: "Div", operands: [whole(1), whole(0)], problem: .divisionByZero),
    Refusal(op: "Mod", operands: [whole(1), whole(0)], problem: .divisionByZero),
    Refusal(op: "Pow", operands: [whole(0), whole(-1)], problem: .divisionByZero),
    Refusal(op: "Range", operands: [whole(0), whole(9), whole(0)], problem: .divisionByZero),
    Refusal(
      op: "Range", operands: [whole(0), whole(.max), whole(1)],
      problem: .limit("numbers in a range", maximum: 1 << 19)),
    Refusal(
      op: "Cast", operands: [Tensor(shape: [1], [.infinity])], attributes: ["to": .int(7)],
      problem: .wholeNumberRange(.int64)),
    Refusal(
      op: "Gather", operands: [whole(1, 2, 3), whole(3)],
      problem: .operandValue(1, needed: "an index within the extent 3")),
    Refusal(
      op: "Tile", operands: [whole(1), whole(1_000_000_000_000)],
      problem: .extents([1, 1_000_000_000_000, 1])),
    Refusal(op: "ConstantOfShape", operands: [whole(-1)], problem: .extents([-1])),
    Refusal(
      op: "ReduceMax", operands: [Tensor(int64: [])],
      problem: .operandShape(0, found: [0], needed: "a tensor that is not empty")),
  ]

  @Test(arguments: refusals)
  func refuses(_ refusal: Refusal) throws {
    let error = #expect(throws: ONNXError.self) {
      try Self.imported(
        [
          ONNXNode(
            op: refusal.op, inputs: refusal.operands.indices.map { "x\($0)" }, outputs: ["y"],
            attributes: refusal.attributes)
        ],
        refusal.operands)
    }
    #expect(error?.problem == refusal.problem)
    #expect(error?.node?.op == refusal.op)
  }

  /// A short model must not keep the importer busy.
  ///
  /// Each of these nodes reads and makes 12 MB; what the model brings itself, 4 MB, may be read or
  /// made anew twice besides.
  @Test func allWorkTogetherIsBounded() throws {
    let nodes = (0..<40).map {
      ONNXNode(op: "Mul", inputs: [$0 == 0 ? "x0" : "y\($0 - 1)", "x0"], outputs: ["y\($0)"])
    }
    let error = #expect(throws: ONNXError.self) {
      try Self.imported(nodes, [Self.many])
    }
    #expect(error?.problem == .limit("bytes to evaluate", maximum: 5 << 23))
    #expect(error?.node?.name == "y3")
  }

  /// The node of a branch is named, and not the conditional alone.
  @Test func faultsInBranchesNameTheirNode() throws {
    let branch = ONNXGraph(
      inputs: [], outputs: [ONNXValueInfo(name: "t", dtype: nil, extents: nil)],
      nodes: [ONNXNode(op: "Add", name: "inner", inputs: ["x0"], outputs: ["t"])],
      initializers: ["c": Tensor(shape: [], [1])])
    let conditional = ONNXNode(
      op: "If", name: "outer", inputs: ["yes"], outputs: ["y"],
      attributes: ["then_branch": .graph(branch), "else_branch": .graph(branch)])
    let yes = ONNXNode(
      op: "Constant", inputs: [], outputs: ["yes"], attributes: ["value_int": .int(1)])
    let error = #expect(throws: ONNXError.self) {
      try Self.imported([yes, conditional], [Self.many])
    }
    #expect(error?.node?.name == "outer")
    #expect(
      error?.problem
        == .inBranch(.init(op: "Add", opset: 14, name: "inner"), .missingOperand(1)))
  }

  /// Shapes are all that these look at.
  @Test func shapesOfLargeTensorsCostNothing() throws {
    let nodes = (0..<40).flatMap { index in
      [("Shape", "a"), ("Size", "b")].map { op, name in
        ONNXNode(op: op, inputs: ["x0"], outputs: ["\(name)\(index)"])
      }
    }
    let imported = try Self.imported(nodes, [Self.many])
    #expect(imported.outputs[0].known?.floats() == [524_288])
  }

  /// Every value stays until the graph is complete, whoever uses it.
  @Test func whatIsMadeFromNothingIsBounded() throws {
    let nodes = (0..<40).map {
      ONNXNode(op: "Range", inputs: ["x0", "x1", "x2"], outputs: ["y\($0)"])
    }
    let bounds = [0, 1 << 19, 1].map { Self.whole($0).reshaped(to: []) }
    let error = #expect(throws: ONNXError.self) { try Self.imported(nodes, bounds) }
    #expect(error?.problem == .limit("bytes to evaluate", maximum: 1 << 25 + 48))
    #expect(error?.node?.name == "y7")
  }

  /// A mask is of the value's type, in which there may be no number 1.
  @Test(arguments: [DType.complex64, .complex128, .float8e4m3, .float8e5m2])
  func masksOfOtherNumbers(dtype: DType) throws {
    let tensor = Tensor(
      dtype: dtype, shape: [1],
      storage: ByteStorage(count: dtype.byteWidth) {
        $0.initializeMemory(as: UInt8.self, repeating: 0)
      })
    let node = ONNXNode(op: "Dropout", inputs: ["x0"], outputs: ["y", "mask"])
    let error = #expect(throws: ONNXError.self) {
      try Self.imported([node], [tensor], opset: 7)
    }
    let needed = "numbers of 16 bits or more"
    #expect(error?.problem == .operandType(0, found: dtype, needed: needed))
  }

  /// An index for each of many axes.
  @Test func placesAreFew() throws {
    let tensor = Self.many.reshaped(to: Shape([1 << 19] + [Int](repeating: 1, count: 31)))
    let error = #expect(throws: ONNXError.self) {
      try Self.imported([ONNXNode(op: "NonZero", inputs: ["x0"], outputs: ["y"])], [tensor])
    }
    #expect(error?.problem == .limit("numbers to evaluate", maximum: 1 << 19))
  }

  static let tables: [(op: String, extents: [Int], attributes: [String: ONNXAttribute])] = [
    (op: "Resize", extents: [2], attributes: [:]),
    (op: "Resize", extents: [4095], attributes: ["mode": .string("cubic")]),
    (
      op: "AveragePool", extents: [1, 1, 1 << 24],
      attributes: ["kernel_shape": .ints([3]), "pads": .ints([1, 1])]
    ),
  ]

  /// A table has as many numbers as an axis, or as two.
  @Test(arguments: tables)
  func tablesAreBounded(
    op: String, extents: [Int], attributes: [String: ONNXAttribute]
  ) throws {
    let isPool = op == "AveragePool"
    let size = extents == [2] ? 1 << 24 : 4096
    let graph = ONNXGraph(
      inputs: [ONNXValueInfo(name: "x", dtype: .float32, extents: nil)],
      outputs: [ONNXValueInfo(name: "y", dtype: nil, extents: nil)],
      nodes: [
        ONNXNode(
          op: op, inputs: isPool ? ["x"] : ["x", "", "", "s"], outputs: ["y"],
          attributes: attributes)
      ], initializers: ["s": Self.whole(size)])
    let error = #expect(throws: ONNXError.self) {
      try ONNXModel(opset: 18, graph: graph).imported(
        file: "table", shapes: ["x": Shape(extents)])
    }
    #expect(error?.problem == .limit("bytes to evaluate", maximum: 1 << 25 + 16))
  }

  /// Numbers of an input on which a shape depends are asked for by its name.
  @Test func asksForNumbers() throws {
    let graph = ONNXGraph(
      inputs: [
        ONNXValueInfo(name: "x", dtype: .float32, extents: nil),
        ONNXValueInfo(name: "to", dtype: .int64, extents: nil),
      ],
      outputs: [ONNXValueInfo(name: "y", dtype: nil, extents: nil)],
      nodes: [ONNXNode(op: "Reshape", inputs: ["x", "to"], outputs: ["y"])], initializers: [:])
    let model = ONNXModel(opset: 13, graph: graph)
    let shapes: [String: Shape] = ["x": [2, 3], "to": [1]]
    let error = #expect(throws: ONNXError.self) {
      try model.imported(file: "asking", shapes: shapes)
    }
    #expect(error?.problem == .needsValue(input: "to"))
    let values = ["to": Tensor(int64: [-1])]
    let imported = try model.imported(file: "asking", shapes: shapes, values: values)
    #expect(imported.outputs[0].shape == [6])
  }

  private static func imported(
    _ nodes: [ONNXNode], _ operands: [Tensor], opset: Int = 14
  ) throws(ONNXError) -> ImportedModel {
    var initializers = [String: Tensor]()
    for (index, operand) in operands.enumerated() { initializers["x\(index)"] = operand }
    let result = nodes.last?.outputs.first ?? ""
    let graph = ONNXGraph(
      inputs: [], outputs: [ONNXValueInfo(name: result, dtype: nil, extents: nil)], nodes: nodes,
      initializers: initializers)
    return try ONNXModel(opset: opset, graph: graph).imported(file: "evaluated", shapes: [:])
  }
}
