import Converter
import GraphIR
import Testing

/// Products of matrices beside ONNX Runtime: see tools/fixtures/onnx/matrix.py.
@Suite struct MatrixTests {
  @Test(arguments: try ONNXCase.all("matrix"))
  func computes(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }

  @Test(arguments: nodes)
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  static let nodes: [HostileNode] = [
    HostileNode(
      op: "Gemm", opset: 6,
      operands: [.computed([3, 4]), .known(.ones([5, 4])), .known(.ones([5]))],
      attributes: ["transB": .int(1), "broadcast": .int(1)],
      attributeNames: ["alpha", "beta", "transA", "transB", "broadcast"]),
    HostileNode(
      op: "Gemm", opset: 13,
      operands: [.computed([3, 4]), .computed([4, 5]), .computed([3, 1])], attributes: [:],
      attributeNames: ["alpha", "beta", "transA", "transB"]),
    HostileNode(
      op: "MatMul", opset: 13, operands: [.computed([2, 4, 5]), .known(.ones([5, 3]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "MatMul", opset: 9, operands: [.computed([4, 5]), .known(.ones([5, 3]))],
      attributes: [:], attributeNames: []),
  ]
}
