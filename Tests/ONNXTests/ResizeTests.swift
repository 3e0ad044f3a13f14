import GraphIR
import Testing

/// `Resize` and `Upsample` beside ONNX Runtime and ONNX's reference: see
/// tools/fixtures/onnx/resize.py.
@Suite struct ResizeTests {
  @Test(arguments: try ONNXCase.all("resize"))
  func agrees(_ example: ONNXCase) throws {
    let isMoved = example.name.contains("nearest") || example.name.contains("nothing")
    try example.check(tolerance: isMoved ? 0 : example.name.contains("16 bits") ? 1e-3 : 1e-5)
  }

  @Test(arguments: [
    HostileNode(
      op: "Upsample", opset: 6, operands: [.computed([1, 4, 5, 5])],
      attributes: ["height_scale": .float(2), "width_scale": .float(1.5)],
      attributeNames: ["height_scale", "width_scale", "mode"]),
    HostileNode(
      op: "Upsample", opset: 7, operands: [.computed([1, 4, 5, 5])],
      attributes: ["scales": .floats([1, 1, 2, 2])], attributeNames: ["scales", "mode"]),
    HostileNode(
      op: "Resize", opset: 10, operands: [.computed([2, 4]), .known(.ones([2]))],
      attributes: ["mode": .string("linear")], attributeNames: ["mode"]),
    HostileNode(
      op: "Resize", opset: 19,
      operands: [
        .computed([1, 4, 5, 5]), .known(.ones([8])), nil, .known(Tensor(int64: [1, 4, 8, 3])),
      ],
      attributes: ["mode": .string("cubic")], attributeNames: names),
    HostileNode(
      op: "Resize", opset: 19,
      operands: [
        .computed([1, 4, 5, 5]), .known(.ones([4])), .known(Tensor(shape: [2], [0.4, 2.5])),
      ],
      attributes: [
        "mode": .string("linear"), "axes": .ints([2, 3]), "antialias": .int(1),
        "coordinate_transformation_mode": .string("tf_crop_and_resize"),
      ], attributeNames: names),
    HostileNode(
      op: "Resize", opset: 13,
      operands: [.computed([1, 4, 5, 5]), nil, .known(Tensor(shape: [4], [1, 1, 0.4, 2.5]))],
      attributes: [:], attributeNames: names),
  ])
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }
}

private let names = [
  "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
  "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode",
]
