import Testing

/// The poolings beside ONNX Runtime: see tools/fixtures/onnx/pooling.py.
@Suite struct PoolingTests {
  @Test(arguments: try ONNXCase.all("pooling"))
  func agrees(_ example: ONNXCase) throws {
    let isMaximum = example.name.contains("Max")
    try example.check(tolerance: isMaximum ? 0 : example.name.contains("16 bits") ? 1e-3 : 1e-5)
  }

  @Test(
    arguments: ["MaxPool", "AveragePool", "LpPool"].flatMap { op in
      [
        HostileNode(
          op: op, opset: 22, operands: [.computed([1, 4, 5, 5])],
          attributes: ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2])],
          attributeNames: names, results: op == "MaxPool" ? 2 : 1),
        HostileNode(
          op: op, opset: 10, operands: [.computed([1, 4, 5])],
          attributes: ["kernel_shape": .ints([3])], attributeNames: names),
        HostileNode(
          op: op, opset: 11, operands: [.computed([1, 4, 5, 5, 5])],
          attributes: ["kernel_shape": .ints([3, 2, 1])], attributeNames: names,
          results: op == "MaxPool" ? 2 : 1),
      ]
    })
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  @Test(arguments: ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"])
  func refusesOrComputesAll(_ op: String) throws {
    try HostileNode(
      op: op, opset: 22, operands: [.computed([1, 4, 5, 5])], attributes: [:],
      attributeNames: op == "GlobalLpPool" ? ["p"] : []
    ).check()
  }
}

private let names = [
  "auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "p", "pads",
  "storage_order", "strides",
]
