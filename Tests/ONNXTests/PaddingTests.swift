import GraphIR
import Testing

/// `Pad` beside ONNX Runtime and NumPy: see tools/fixtures/onnx/padding.py.
@Suite struct PaddingTests {
  @Test(arguments: try ONNXCase.all("padding"))
  func moves(_ example: ONNXCase) throws { try example.check(tolerance: 0) }

  @Test(arguments: [
    HostileNode(
      op: "Pad", opset: 9, operands: [.computed([2, 4])],
      attributes: ["pads": .ints([1, 2, 0, -1])], attributeNames: ["mode", "pads", "value"]),
    HostileNode(
      op: "Pad", opset: 21,
      operands: [
        .computed([2, 4]), .known(Tensor(int64: [1, 2])), .known(.ones([])),
        .known(Tensor(int64: [1])),
      ],
      attributes: ["mode": .string("constant")], attributeNames: ["mode"]),
    HostileNode(
      op: "Pad", opset: 19, operands: [.computed([2, 4]), .known(Tensor(int64: [1, 2, 0, 1]))],
      attributes: ["mode": .string("reflect")], attributeNames: ["mode"]),
  ])
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }
}
