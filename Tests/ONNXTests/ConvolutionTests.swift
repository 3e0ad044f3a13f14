import GraphIR
import Testing

/// `Conv` and `ConvTranspose` beside ONNX Runtime: see tools/fixtures/onnx/convolution.py.
@Suite struct ConvolutionTests {
  @Test(arguments: try ONNXCase.all("convolution"))
  func agrees(_ example: ONNXCase) throws {
    try example.check(tolerance: example.name.contains("16 bits") ? 1e-3 : 1e-5)
  }

  @Test(arguments: [
    HostileNode(
      op: "Conv", opset: 13,
      operands: [.computed([1, 4, 5, 5]), .known(.ones([4, 4, 3, 3])), .known(.ones([4]))],
      attributes: [:], attributeNames: names),
    HostileNode(
      op: "Conv", opset: 22,
      operands: [.computed([1, 4, 5, 5, 5]), .known(.ones([4, 2, 3, 3, 2]))],
      attributes: ["group": .int(2)], attributeNames: names),
    HostileNode(
      op: "ConvTranspose", opset: 9,
      operands: [.computed([1, 4, 5, 5]), .known(.ones([4, 2, 3, 3])), .known(.ones([2]))],
      attributes: ["strides": .ints([2, 2])], attributeNames: transposedNames),
    HostileNode(
      op: "ConvTranspose", opset: 22,
      operands: [.computed([1, 4, 5]), .computed([4, 2, 3]), .computed([2])],
      attributes: [:], attributeNames: transposedNames),
    HostileNode(
      op: "ConvTranspose", opset: 22,
      operands: [.computed([1, 4, 5, 5, 5]), .known(.ones([4, 2, 3, 3, 2])), .known(.ones([2]))],
      attributes: [:], attributeNames: transposedNames),
  ])
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }
}

private let names = ["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"]
private let transposedNames = names + ["output_padding", "output_shape"]
