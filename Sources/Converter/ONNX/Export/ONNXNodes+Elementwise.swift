import GraphIR

// Functions of one, two and three numbers.
extension ONNXNodes {
  mutating func unary(_ function: Unary.Function, _ x: String) -> String {
    switch function {
    case .relu: return add("Relu", [x])
    case .leakyRelu(let slope): return add("LeakyRelu", [x], ["alpha": .float(slope)])
    case .sigmoid: return add("Sigmoid", [x])
    case .silu: return add("Mul", [x, add("Sigmoid", [x])])
    case .gelu: return gelu(x)
    case .tanh: return add("Tanh", [x])
    case .exp: return add("Exp", [x])
    case .log: return add("Log", [x])
    case .absolute: return add("Abs", [x])
    case .negate: return add("Neg", [x])
    case .squareRoot: return add("Sqrt", [x])
    case .reciprocalSquareRoot: return add("Reciprocal", [add("Sqrt", [x])])
    case .erf: return add("Erf", [x])
    case .floor: return add("Floor", [x])
    case .ceiling: return add("Ceil", [x])
    case .round: return add("Round", [x])
    // ONNX has no op that rounds towards 0.
    case .truncate: return add("Mul", [add("Sign", [x]), add("Floor", [add("Abs", [x])])])
    case .sign: return add("Sign", [x])
    case .sine: return add("Sin", [x])
    case .cosine: return add("Cos", [x])
    case .elu(let alpha): return add("Elu", [x], ["alpha": .float(alpha)])
    case .softplus: return add("Softplus", [x])
    }
  }

  /// `x (1 + erf(x / sqrt(2))) / 2`, an op of its own since operator set 20.
  private mutating func gelu(_ x: String) -> String {
    if opset >= 20 { return add("Gelu", [x]) }
    let scaled = add("Mul", [x, numbers([Float(0.5).squareRoot()], "rootOfHalf")])
    let sum = add("Add", [add("Erf", [scaled]), numbers([1], "one")])
    return add("Mul", [add("Mul", [x, numbers([0.5], "half")]), sum])
  }

  mutating func binary(_ function: Binary.Function, _ inputs: [Graph.Value]) -> String {
    let operands = names(inputs)
    switch function {
    case .add: return add("Add", operands)
    case .subtract: return add("Sub", operands)
    case .multiply: return add("Mul", operands)
    case .divide: return add("Div", operands)
    case .maximum: return add("Max", operands)
    case .minimum: return add("Min", operands)
    case .power: return add("Pow", operands)
    case .remainder: return add("Mod", operands, ["fmod": .int(1)])
    case .less: return float(add("Less", operands))
    case .lessOrEqual: return float(add("LessOrEqual", operands))
    case .equal: return float(add("Equal", operands))
    }
  }

  mutating func select(_ inputs: [Graph.Value]) -> String {
    let condition = add("Cast", [name(inputs[0])], ["to": .int(ONNXElementType.bool)])
    return add("Where", [condition, name(inputs[1]), name(inputs[2])])
  }

  mutating func argExtremum(_ op: ArgExtremum, _ inputs: [Graph.Value]) -> String {
    let attributes: [String: ONNXAttribute] = [
      "axis": .int(op.axis), "keepdims": .int(1), "select_last_index": .int(op.takesLast ? 1 : 0),
    ]
    let operands = names(inputs)
    return switch op.kind {
    case .maximum: float(add("ArgMax", operands, attributes))
    case .minimum: float(add("ArgMin", operands, attributes))
    }
  }

  mutating func reduction(_ op: Reduction, _ inputs: [Graph.Value]) -> String {
    let value = name(inputs[0])
    guard !op.axes.isEmpty else { return add("Identity", [value]) }
    let operand = shapes.shapes[inputs[0].index]
    if op.function == .mean, op.axes.contains(where: { operand[$0] == 0 }) {
      // Of no elements: other programs give 0.
      let sum = add("ReduceSum", [value, integers(op.axes, "axes")], ["keepdims": .int(1)])
      return add("Mul", [sum, numbers([.nan], "nan")])
    }
    let name =
      switch op.function {
      case .sum: "ReduceSum"
      case .mean: "ReduceMean"
      case .maximum: "ReduceMax"
      case .minimum: "ReduceMin"
      case .product: "ReduceProd"
      }
    // Axes became an operand with operator set 18, but for the sum's, with 13.
    if opset >= 18 || op.function == .sum {
      return add(name, [value, integers(op.axes, "axes")], ["keepdims": .int(1)])
    }
    return add(name, [value], ["axes": .ints(op.axes), "keepdims": .int(1)])
  }

  /// Truth values and whole numbers as the graph has them.
  private mutating func float(_ value: String) -> String {
    add("Cast", [value], ["to": .int(ONNXElementType.float32)])
  }
}
