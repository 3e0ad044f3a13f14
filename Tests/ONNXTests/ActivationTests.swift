import Converter
import GraphIR
import Testing

/// Activations and softmax beside ONNX Runtime: see tools/fixtures/onnx/activation.py.
@Suite struct ActivationTests {
  @Test(arguments: try ONNXCase.all("activation"))
  func computes(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }

  @Test(arguments: nodes)
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  @Test(arguments: functions)
  func refusesOrComputesFunctions(_ node: HostileNode) throws {
    try node.check(takesAnything: true)
  }

  static let functions: [HostileNode] = [
    ("Relu", 14, []), ("Sigmoid", 13, []), ("Tanh", 13, []), ("Erf", 13, []), ("Softplus", 13, []),
    ("Softsign", 13, []), ("LeakyRelu", 16, ["alpha"]), ("Elu", 6, ["alpha"]),
    ("Selu", 6, ["alpha", "gamma"]), ("Celu", 12, ["alpha"]), ("ThresholdedRelu", 10, ["alpha"]),
    ("Gelu", 20, ["approximate"]), ("HardSigmoid", 6, ["alpha", "beta"]), ("HardSwish", 14, []),
    ("Mish", 18, []), ("Swish", 24, ["alpha"]), ("Clip", 6, ["min", "max"]),
  ].map { op, opset, attributes in
    HostileNode(
      op: op, opset: opset, operands: [.computed([3, 4])], attributes: [:],
      attributeNames: attributes)
  }

  static let nodes: [HostileNode] = [
    HostileNode(
      op: "Clip", opset: 13, operands: [.computed([3, 4]), .known(.ones([])), .known(.ones([]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "PRelu", opset: 6, operands: [.computed([2, 4, 5]), .known(.ones([4]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "PRelu", opset: 9, operands: [.computed([2, 4, 5]), .known(.ones([4, 1]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "Softmax", opset: 6, operands: [.computed([2, 4, 5])], attributes: [:],
      attributeNames: ["axis"]),
    HostileNode(
      op: "Softmax", opset: 13, operands: [.computed([2, 4, 5])], attributes: [:],
      attributeNames: ["axis"]),
    HostileNode(
      op: "LogSoftmax", opset: 11, operands: [.computed([2, 4, 5])], attributes: [:],
      attributeNames: ["axis"]),
  ]
}
