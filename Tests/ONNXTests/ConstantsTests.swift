import Converter
import GraphIR
import Testing

/// Literals, types and what is evaluated of shapes beside ONNX Runtime: see
/// tools/fixtures/onnx/constants.py.
@Suite struct ConstantsTests {
  @Test(arguments: try ONNXCase.all("constants"))
  func evaluates(_ example: ONNXCase) throws { try example.check(tolerance: 0) }

  @Test(arguments: nodes)
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  @Test(arguments: functions)
  func refusesOrComputesFunctions(_ node: HostileNode) throws {
    try node.check(takesAnything: true)
  }

  static let one = Tensor(int64: [1]).reshaped(to: [])

  static let nodes: [HostileNode] =
    [
      HostileNode(
        op: "Constant", opset: 13, operands: [], attributes: ["value_ints": .ints([1])],
        attributeNames: [
          "value", "value_float", "value_floats", "value_int", "value_ints", "value_string",
          "value_strings", "sparse_value",
        ]),
      HostileNode(
        op: "ConstantOfShape", opset: 9, operands: [.known(Tensor(int64: [2, 3]))],
        attributes: [:], attributeNames: ["value"]),
      HostileNode(
        op: "Cast", opset: 13, operands: [.computed([2, 3])], attributes: ["to": .int(7)],
        attributeNames: ["to", "saturate"]),
      HostileNode(
        op: "Range", opset: 11, operands: [.known(one), .known(one), .known(one)], attributes: [:],
        attributeNames: []),
      HostileNode(
        op: "CumSum", opset: 14, operands: [.known(.ones([2, 3])), .known(one)], attributes: [:],
        attributeNames: ["exclusive", "reverse"]),
      HostileNode(
        op: "Trilu", opset: 14, operands: [.known(.ones([2, 3])), .known(one)], attributes: [:],
        attributeNames: ["upper"]),
      HostileNode(
        op: "OneHot", opset: 11,
        operands: [.known(Tensor(int64: [1, 2])), .known(one), .known(.ones([2]))],
        attributes: [:], attributeNames: ["axis"]),
      HostileNode(
        op: "EyeLike", opset: 9, operands: [.computed([2, 3])], attributes: [:],
        attributeNames: ["dtype", "k"]),
    ]
    // The same on whole numbers, which are evaluated.
    + ["Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min", "Max", "Equal", "Less"].map {
      HostileNode(
        op: $0, opset: 13, operands: [.known(Tensor(int64: [7])), .known(Tensor(int64: [2]))],
        attributes: [:], attributeNames: $0 == "Mod" ? ["fmod"] : [])
    }
    + ["ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"].map {
      HostileNode(
        op: $0, opset: 18, operands: [.known(Tensor(int64: [7])), .known(Tensor(int64: [0]))],
        attributes: [:], attributeNames: ["keepdims", "noop_with_empty_axes"])
    }

  static let functions: [HostileNode] =
    [
      HostileNode(
        op: "CastLike", opset: 15, operands: [.computed([2, 3]), .known(Tensor(int64: [1]))],
        attributes: [:], attributeNames: []),
      HostileNode(
        op: "NonZero", opset: 13, operands: [.known(.ones([2, 3]))], attributes: [:],
        attributeNames: []),
    ]
    + ["Shape", "Size"].map {
      HostileNode(
        op: $0, opset: 15, operands: [.computed([2, 3])], attributes: [:],
        attributeNames: $0 == "Shape" ? ["start", "end"] : [])
    }
    + ["Abs", "Neg", "Sign"].map {
      HostileNode(
        op: $0, opset: 13, operands: [.known(Tensor(int64: [-7]))], attributes: [:],
        attributeNames: [])
    }
}
