import Converter
import GraphIR
import Testing

/// Parts at indices beside ONNX Runtime: see tools/fixtures/onnx/scatter.py.
@Suite struct ScatterTests {
  @Test(arguments: try ONNXCase.all("scatter"))
  func takesAndPuts(_ example: ONNXCase) throws { try example.check(tolerance: 1e-6) }

  @Test(arguments: nodes)
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  private static let tuples = Tensor(int64: [0, 1, 1, -1]).reshaped(to: [2, 2])

  static let nodes: [HostileNode] = [
    HostileNode(
      op: "GatherND", opset: 13, operands: [.computed([2, 3, 4]), .known(tuples)],
      attributes: ["batch_dims": .int(0)], attributeNames: ["batch_dims"]),
    HostileNode(
      op: "GatherND", opset: 13, operands: [.known(.ones([2, 3])), .known(tuples)],
      attributes: ["batch_dims": .int(0)], attributeNames: ["batch_dims"]),
    HostileNode(
      op: "ScatterND", opset: 18,
      operands: [.computed([2, 3, 4]), .known(tuples), .computed([2, 4])],
      attributes: ["reduction": .string("add")], attributeNames: ["reduction"]),
    HostileNode(
      op: "ScatterND", opset: 13,
      operands: [.known(.ones([2, 3])), .known(tuples), .known(.ones([2]))], attributes: [:],
      attributeNames: ["reduction"]),
    HostileNode(
      op: "ScatterElements", opset: 18,
      operands: [.computed([5]), .known(Tensor(int64: [1, -1])), .computed([2])],
      attributes: ["axis": .int(0)], attributeNames: ["axis", "reduction"]),
    HostileNode(
      op: "Scatter", opset: 9,
      operands: [.known(.ones([5])), .known(Tensor(int64: [1, -1])), .known(.ones([2]))],
      attributes: [:], attributeNames: ["axis"]),
  ]
}
