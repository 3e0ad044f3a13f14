import Converter
import GraphIR
import Testing

/// Arithmetic, comparisons and truth values beside ONNX Runtime: see
/// tools/fixtures/onnx/arithmetic.py.
@Suite struct ArithmeticTests {
  @Test(arguments: try ONNXCase.all("arithmetic"))
  func computes(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }

  @Test(arguments: nodes)
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  @Test(arguments: functions)
  func refusesOrComputesFunctions(_ node: HostileNode) throws {
    try node.check(takesAnything: true)
  }

  static let nodes: [HostileNode] =
    ["Add", "Sub", "Mul", "Div", "Pow", "Less", "Greater", "Equal"].map {
      HostileNode(
        op: $0, opset: 6, operands: [.computed([3, 4]), .known(.ones([3]))],
        attributes: ["broadcast": .int(1), "axis": .int(0)], attributeNames: ["broadcast", "axis"])
    }
    + ["Add", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean", "LessOrEqual", "GreaterOrEqual"]
    .flatMap { op in
      [[3, 4], [4]].map { shape in
        HostileNode(
          op: op, opset: 13, operands: [.computed([3, 4]), .known(.ones(Shape(shape)))],
          attributes: op == "Mod" ? ["fmod": .int(1)] : [:],
          attributeNames: op == "Mod" ? ["fmod"] : [])
      }
    }
    + ["And", "Or", "Xor"].map {
      HostileNode(
        op: $0, opset: 6, operands: [.computed([3, 4]), .computed([4])],
        attributes: ["broadcast": .int(1), "axis": .int(1)],
        attributeNames: ["broadcast", "axis"], dtype: .bool)
    }
    + [
      HostileNode(
        op: "Where", opset: 16, operands: [.computed([3, 1]), .computed([4]), .computed([3, 4])],
        attributes: [:], attributeNames: [], dtype: .bool)
    ]

  /// Functions of one number, that take numbers of any shape.
  static let functions: [HostileNode] =
    [
      "Abs", "Neg", "Sqrt", "Exp", "Log", "Floor", "Ceil", "Round", "Sign", "Sin", "Cos",
      "Reciprocal", "IsNaN", "IsInf",
    ].map {
      HostileNode(
        op: $0, opset: 13, operands: [.computed([3, 4])], attributes: [:],
        attributeNames: $0 == "IsInf" ? ["detect_negative", "detect_positive"] : [])
    }
    + [
      HostileNode(
        op: "Not", opset: 13, operands: [.computed([3, 4])], attributes: [:], attributeNames: [],
        dtype: .bool)
    ]
}
