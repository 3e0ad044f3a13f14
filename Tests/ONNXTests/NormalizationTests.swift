import GraphIR
import Testing

/// The normalizations beside ONNX Runtime: see tools/fixtures/onnx/normalization.py.
@Suite struct NormalizationTests {
  @Test(arguments: try ONNXCase.all("normalization"))
  func agrees(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }

  @Test(arguments: [
    HostileNode(
      op: "BatchNormalization", opset: 15,
      operands: [.computed([1, 4, 5, 5])] + (0..<4).map { _ in .known(.ones([4])) },
      attributes: [:], attributeNames: batchNames, results: 1),
    HostileNode(
      op: "BatchNormalization", opset: 15,
      operands: [.computed([1, 4, 5, 5])] + (0..<4).map { _ in .computed([4]) },
      attributes: ["training_mode": .int(1)], attributeNames: batchNames, results: 3),
    HostileNode(
      op: "BatchNormalization", opset: 7,
      operands: [.computed([2, 4, 5])] + (0..<4).map { _ in .known(.ones([4, 5])) },
      attributes: ["spatial": .int(0)], attributeNames: batchNames),
    HostileNode(
      op: "GroupNormalization", opset: 18,
      operands: [.computed([2, 4, 5, 5]), .known(.ones([2])), .known(.ones([2]))],
      attributes: ["num_groups": .int(2)], attributeNames: groupNames),
    HostileNode(
      op: "GroupNormalization", opset: 21,
      operands: [.computed([2, 4, 5, 5]), .known(.ones([4])), .computed([4])],
      attributes: ["num_groups": .int(2)], attributeNames: groupNames),
    HostileNode(
      op: "InstanceNormalization", opset: 22,
      operands: [.computed([2, 4, 5, 5]), .known(.ones([4])), .known(.ones([4]))],
      attributes: [:], attributeNames: ["epsilon"]),
    HostileNode(
      op: "LayerNormalization", opset: 17,
      operands: [.computed([2, 4, 5]), .known(.ones([5])), .known(.ones([5]))],
      attributes: [:], attributeNames: ["axis", "epsilon", "stash_type"], results: 3),
    HostileNode(
      op: "LRN", opset: 13, operands: [.computed([1, 4, 5, 5])], attributes: ["size": .int(3)],
      attributeNames: ["alpha", "beta", "bias", "size"]),
  ])
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }
}

private let batchNames = ["epsilon", "is_test", "momentum", "spatial", "training_mode"]
private let groupNames = ["epsilon", "num_groups", "stash_type"]
