import Converter
import Testing

/// Every way to refuse a model, in words.
@Suite struct ErrorSentenceTests {
  static let place = ONNXError.Place(op: "Conv", opset: 17, name: "conv1")

  static let sentences: [(problem: ONNXProblem, words: String)] = [
    (
      .malformed(offset: 7, .truncated),
      "byte 7 claims more bytes than are left; the file is damaged, fetch or export it again"
    ),
    (
      .malformed(offset: 7, .varint),
      "byte 7 holds a number of more than 64 bits; the file is damaged, fetch or export it again"
    ),
    (
      .malformed(offset: 7, .wireType(3)),
      "byte 7 has the field kind 3, which ONNX does not use; the file is damaged, fetch or export "
        + "it again"
    ),
    (
      .notText,
      "holds a name or text that is not UTF-8; the file is damaged, fetch or export it again"
    ),
    (
      .malformed(offset: 0, .contents),
      "byte 0 or what follows it is no valid ONNX; the file is damaged, fetch or export it again"
    ),
    (
      .tooDeep(maximum: 64),
      "its messages are nested more than 64 deep, which no model needs; do not trust this file"
    ),
    (
      .tooMuchMemory(maximum: 5),
      "would fill more than 5 bytes of memory, out of proportion to its size; do not trust this file"
    ),
    (
      .operandValue(1, needed: "an index within the extent 3"),
      "its operand 1 has numbers that do not fit, an index within the extent 3 is needed"
    ),
    (
      .extents([2, -3]),
      "asks for a tensor of the extents [2, -3], which is impossible; the file is damaged, fetch or "
        + "export it again"
    ),
    (
      .wholeNumberRange(.int32),
      "computes whole numbers that I32 cannot hold; the file is damaged, fetch or export it again"
    ),
    (
      .divisionByZero,
      "divides a whole number by zero; the file is damaged, fetch or export it again"
    ),
    (.noGraph, "holds no graph; export the model again"),
    (
      .opset(5, known: 6...28),
      "uses operator set 5, where 6 to 28 are known; export the model with opset_version=17"
    ),
    (
      .opset(nil, known: 6...28),
      "does not name its operator set, where one of 6 to 28 is needed; export the model with "
        + "opset_version=17"
    ),
    (
      .tensor("w", .elementType(8)),
      "the tensor “w” has the element type 8, which is not supported"
    ),
    (.tensor("w", .shape([-1])), "the tensor “w” has the impossible shape [-1]"),
    (
      .tensor("w", .valueCount(found: 1, expected: 2)),
      "the tensor “w” has 1 values where 2 belong"
    ),
    (
      .tensor("w", .byteCount(found: 1, expected: 2)), "the tensor “w” has 1 bytes where 2 belong"
    ),
    (.tensor("w", .range), "the tensor “w” has values beyond its element type"),
    (
      .tensor("w", .outsideFolder("../x")),
      "the tensor “w” lies in “../x”, outside the model's folder; do not trust this file"
    ),
    (
      .tensor("w", .externalFile("x", reason: "it is a folder")),
      "the tensor “w” lies in “x”, which cannot be read (it is a folder); keep it beside the model"
    ),
    (
      .tensor("w", .externalRange("x", fileSize: 3)),
      "the tensor “w” lies beyond the 3 bytes of “x”; fetch both files again"
    ),
    (
      .tensor("w", .noFolder),
      "the tensor “w” lies in another file, and the model came from none"
    ),
    (
      .notATensor("s"),
      "“s” is no tensor but a sequence, a map or the like, which is not supported"
    ),
    (
      .duplicateName("a"),
      "two values are named “a”; the file is damaged, fetch or export it again"
    ),
    (
      .undefinedValue("a"),
      "uses “a”, which nothing before it makes; the file is damaged, fetch or export it again"
    ),
    (
      .recursiveFunction("f"),
      "the function “f” calls itself or is nested too deep; do not trust this file"
    ),
    (
      .limit("nodes", maximum: 3),
      "has more than 3 nodes, which no real model needs; do not trust this file"
    ),
    (.attributeKind("a"), "its attribute “a” is of a kind that is not supported"),
    (
      .unsupportedNodes([place, .init(op: "custom::Nms", opset: 17, name: "nms")]),
      "needs ops that are not supported: Conv (opset 17, node “conv1”); custom::Nms (opset 17, node "
        + "“nms”)"
    ),
    (
      .missingOperand(1), "lacks its operand 1; the file is damaged, fetch or export it again"
    ),
    (
      .operandType(0, found: .int64, needed: "real numbers"),
      "its operand 0 holds I64 values, real numbers are needed"
    ),
    (
      .operandShape(0, found: [2], needed: "an image"), "its operand 0 is 2, an image is needed"
    ),
    (
      .missingAttribute("a"),
      "lacks the attribute “a”; the file is damaged, fetch or export it again"
    ),
    (
      .attribute("a", found: "-1", needed: "a number above 0"),
      "its attribute “a” is -1, a number above 0 is needed"
    ),
    (
      .unknownValue(1),
      "its operand 1 is computed while the network runs, and must be known before; export the model "
        + "with fixed shapes"
    ),
    (
      .needsValue(input: "n"),
      "the values of the input “n” must be known before the network is compiled"
    ),
    (
      .beyondFloats,
      "computes with numbers that are beyond 32-bit floats, in which networks run here"
    ),
    (
      .integerArithmetic,
      "computes with whole numbers or truth values while the network runs, which is not supported"
    ),
    (
      .inBranch(place, .missingAttribute("a")),
      "its branch at Conv (opset 17, node “conv1”): lacks the attribute “a”; the file is damaged, "
        + "fetch or export it again"
    ),
    (.form("three-dimensional windows"), "has three-dimensional windows, which is not supported"),
    (.shape(.axis(3, rank: 2)), "there is no axis 3 in 2 dimensions"),
    (.graph("words"), "words"),
    (
      .input("x", found: [1, 2], needed: "batch×3"),
      "the input “x” is 1×2, the model takes batch×3"
    ),
  ]

  @Test(arguments: sentences) func inWords(problem: ONNXProblem, words: String) {
    #expect(ONNXError(file: "m.onnx", problem: problem).description == "m.onnx: " + words)
  }

  @Test func theNodeIsNamed() {
    #expect(
      ONNXError(file: "m.onnx", node: Self.place, problem: .missingOperand(1)).description
        .hasPrefix("m.onnx, node “conv1” (Conv, opset 17): lacks its operand 1"))
  }
}
