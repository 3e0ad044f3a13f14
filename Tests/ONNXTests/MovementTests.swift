import Converter
import GraphIR
import Testing

/// Elements elsewhere beside ONNX Runtime and NumPy: see tools/fixtures/onnx/movement.py.
@Suite struct MovementTests {
  @Test(arguments: try ONNXCase.all("movement"))
  func moves(_ example: ONNXCase) throws { try example.check(tolerance: 0) }

  @Test(arguments: nodes)
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  @Test(arguments: functions)
  func refusesOrComputesFunctions(_ node: HostileNode) throws {
    try node.check(takesAnything: true)
  }

  static let nodes: [HostileNode] = [
    HostileNode(
      op: "Dropout", opset: 13,
      operands: [.computed([2, 3]), .known(.ones([])), .known(Tensor(int64: [0]))],
      attributes: [:], attributeNames: ["ratio"], results: 2),
    HostileNode(
      op: "Dropout", opset: 6, operands: [.computed([2, 3])], attributes: ["is_test": .int(1)],
      attributeNames: ["is_test", "ratio"], results: 2),
    HostileNode(
      op: "Concat", opset: 13, operands: [.computed([2, 3]), .known(.ones([2, 4]))],
      attributes: ["axis": .int(1)], attributeNames: ["axis"]),
    HostileNode(
      op: "Split", opset: 11, operands: [.computed([1, 4, 5])],
      attributes: ["axis": .int(1), "split": .ints([1, 3])], attributeNames: ["axis", "split"],
      results: 2),
    HostileNode(
      op: "Split", opset: 13, operands: [.computed([1, 4, 5]), .known(Tensor(int64: [1, 3]))],
      attributes: ["axis": .int(1)], attributeNames: ["axis"], results: 2),
    HostileNode(
      op: "Split", opset: 18, operands: [.computed([1, 4, 5])],
      attributes: ["axis": .int(-1), "num_outputs": .int(2)],
      attributeNames: ["axis", "num_outputs"], results: 2),
    HostileNode(
      op: "Slice", opset: 9, operands: [.computed([2, 4, 5])],
      attributes: ["starts": .ints([1]), "ends": .ints([3])],
      attributeNames: ["starts", "ends", "axes"]),
    HostileNode(
      op: "Slice", opset: 13,
      operands: [
        .computed([2, 4, 5]), .known(Tensor(int64: [1, -1])), .known(Tensor(int64: [3, 0])),
        .known(Tensor(int64: [1, 2])), .known(Tensor(int64: [1, -2])),
      ], attributes: [:], attributeNames: []),
    HostileNode(
      op: "Slice", opset: 13,
      operands: [
        .known(.ones([2, 4, 5])), .known(Tensor(int64: [1])), .known(Tensor(int64: [3])),
        .known(Tensor(int64: [1])), .known(Tensor(int64: [2])),
      ], attributes: [:], attributeNames: []),
    HostileNode(
      op: "Transpose", opset: 13, operands: [.computed([1, 4, 5, 5])],
      attributes: ["perm": .ints([0, 2, 3, 1])], attributeNames: ["perm"]),
    HostileNode(
      op: "Expand", opset: 13, operands: [.computed([4, 1]), .known(Tensor(int64: [2, 4, 3]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "Expand", opset: 13, operands: [.known(.ones([4, 1])), .known(Tensor(int64: [4, 3]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "Tile", opset: 13, operands: [.computed([2, 3]), .known(Tensor(int64: [2, 3]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "Tile", opset: 6, operands: [.known(.ones([2, 3])), .known(Tensor(int64: [2, 3]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "DepthToSpace", opset: 13, operands: [.computed([1, 4, 5, 5])],
      attributes: ["blocksize": .int(2)], attributeNames: ["blocksize", "mode"]),
    HostileNode(
      op: "SpaceToDepth", opset: 28, operands: [.computed([1, 3, 4, 6])],
      attributes: ["blocksize": .int(2)], attributeNames: ["blocksize", "mode"]),
    HostileNode(
      op: "Reshape", opset: 14, operands: [.computed([2, 3, 4]), .known(Tensor(int64: [0, -1]))],
      attributes: [:], attributeNames: ["allowzero"]),
    HostileNode(
      op: "Flatten", opset: 13, operands: [.computed([2, 3, 4])], attributes: [:],
      attributeNames: ["axis"]),
    HostileNode(
      op: "Squeeze", opset: 11, operands: [.computed([1, 3, 1])],
      attributes: ["axes": .ints([0])], attributeNames: ["axes"]),
    HostileNode(
      op: "Squeeze", opset: 13, operands: [.computed([1, 3, 1]), .known(Tensor(int64: [-1]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "Unsqueeze", opset: 11, operands: [.computed([2, 3])],
      attributes: ["axes": .ints([0, 3])], attributeNames: ["axes"]),
    HostileNode(
      op: "Unsqueeze", opset: 13, operands: [.computed([2, 3]), .known(Tensor(int64: [-1]))],
      attributes: [:], attributeNames: []),
    HostileNode(
      op: "Gather", opset: 13, operands: [.computed([2, 3]), .known(Tensor(int64: [1, -1]))],
      attributes: ["axis": .int(1)], attributeNames: ["axis"]),
    HostileNode(
      op: "Gather", opset: 13, operands: [.known(.ones([2, 3])), .known(Tensor(int64: [1]))],
      attributes: ["axis": .int(1)], attributeNames: ["axis"]),
    HostileNode(
      op: "GatherElements", opset: 13, operands: [.computed([5]), .known(Tensor(int64: [1, -1]))],
      attributes: [:], attributeNames: ["axis"]),
  ]

  static let functions: [HostileNode] = [
    HostileNode(
      op: "Identity", opset: 13, operands: [.computed([2, 3])], attributes: [:],
      attributeNames: [])
  ]
}
