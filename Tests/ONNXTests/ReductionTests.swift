import Converter
import GraphIR
import Testing

/// Reductions beside ONNX Runtime and NumPy: see tools/fixtures/onnx/reduction.py.
@Suite struct ReductionTests {
  @Test(arguments: try ONNXCase.all("reduction"))
  func computes(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }

  @Test(arguments: nodes)
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  static let nodes: [HostileNode] =
    [
      "L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare",
    ].flatMap {
      [
        HostileNode(
          op: "Reduce\($0)", opset: 11, operands: [.computed([2, 4, 5])],
          attributes: ["axes": .ints([1])], attributeNames: ["axes", "keepdims"]),
        HostileNode(
          op: "Reduce\($0)", opset: 20,
          operands: [.computed([2, 4, 5]), .known(Tensor(int64: [1]))], attributes: [:],
          attributeNames: ["noop_with_empty_axes", "keepdims"]),
      ]
    }
    + ["ArgMax", "ArgMin"].map {
      HostileNode(
        op: $0, opset: 13, operands: [.computed([2, 4, 5])], attributes: [:],
        attributeNames: ["axis", "keepdims", "select_last_index"])
    }
}
