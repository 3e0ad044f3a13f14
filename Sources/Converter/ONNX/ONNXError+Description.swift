import GraphIR

extension ONNXError: CustomStringConvertible {
  /// One sentence, without a full stop: the file, the node, what is wrong and what to do.
  public var description: String {
    var place = file
    if let node { place += ", node \(quoted(node.name)) (\(node.op), opset \(node.opset))" }
    return printable((place + ": " + problem.description).unicodeScalars)
  }
}

extension ONNXError.Place: CustomStringConvertible {
  /// Op, opset and name.
  public var description: String { "\(op) (opset \(opset), node \(quoted(name)))" }
}

extension ONNXProblem: CustomStringConvertible {
  private static let damaged = "the file is damaged, fetch or export it again"

  /// The reason and the way out, without a full stop.
  public var description: String {
    switch self {
    case .malformed(let offset, let malformation):
      "byte \(offset) \(malformation.description); \(Self.damaged)"
    case .notText: "holds a name or text that is not UTF-8; \(Self.damaged)"
    case .tooDeep(let maximum):
      "its messages are nested more than \(maximum) deep, which no model needs; "
        + "do not trust this file"
    case .tooMuchMemory(let maximum):
      "would fill more than \(maximum) bytes of memory, out of proportion to its size; "
        + "do not trust this file"
    case .noGraph: "holds no graph; export the model again"
    case .opset(let version, let known):
      (version.map {
        "uses operator set \($0), where \(known.lowerBound) to \(known.upperBound) are known"
      }
        ?? "does not name its operator set, where one of \(known.lowerBound) to "
        + "\(known.upperBound) is needed")
        + "; export the model with opset_version=17"
    case .tensor(let name, let fault): "the tensor \(quoted(name)) \(fault.description)"
    case .notATensor(let name):
      "\(quoted(name)) is no tensor but a sequence, a map or the like, which is not supported"
    case .duplicateName(let name):
      "two values are named \(quoted(name)); \(Self.damaged)"
    case .undefinedValue(let name):
      "uses \(quoted(name)), which nothing before it makes; \(Self.damaged)"
    case .recursiveFunction(let name):
      "the function \(quoted(name)) calls itself or is nested too deep; do not trust this file"
    case .limit(let what, let maximum):
      "has more than \(maximum) \(what), which no real model needs; do not trust this file"
    case .attributeKind(let name):
      "its attribute \(quoted(name)) is of a kind that is not supported"
    case .unsupportedNodes(let places):
      "needs ops that are not supported: " + places.map(\.description).joined(separator: "; ")
    case .missingOperand(let index): "lacks its operand \(index); \(Self.damaged)"
    case .operandType(let index, let found, let needed):
      "its operand \(index) holds \(found.rawValue) values, \(needed) are needed"
    case .operandShape(let index, let found, let needed):
      "its operand \(index) is \(found), \(needed) is needed"
    case .missingAttribute(let name): "lacks the attribute \(quoted(name)); \(Self.damaged)"
    case .attribute(let name, let found, let needed):
      "its attribute \(quoted(name)) is \(found), \(needed) is needed"
    case .unknownValue(let index):
      "its operand \(index) is computed while the network runs, and must be known before; "
        + "export the model with fixed shapes"
    case .needsValue(let input):
      "the values of the input \(quoted(input)) must be known before the network is compiled"
    case .operandValue(let index, let needed):
      "its operand \(index) has numbers that do not fit, \(needed) is needed"
    case .extents(let extents):
      "asks for a tensor of the extents \(extents.prefix(16)), which is impossible; \(Self.damaged)"
    case .wholeNumberRange(let dtype):
      "computes whole numbers that \(dtype.rawValue) cannot hold; \(Self.damaged)"
    case .divisionByZero: "divides a whole number by zero; \(Self.damaged)"
    case .beyondFloats:
      "computes with numbers that are beyond 32-bit floats, in which networks run here"
    case .integerArithmetic:
      "computes with whole numbers or truth values while the network runs, which is not supported"
    case .inBranch(let place, let problem): "its branch at \(place): \(problem)"
    case .form(let what): "has \(what), which is not supported"
    case .shape(let problem): problem.description
    case .graph(let words): words
    case .input(let name, let found, let needed):
      "the input \(quoted(name)) is \(found), the model takes \(needed)"
    }
  }
}

extension Malformation: CustomStringConvertible {
  /// Words after the place.
  public var description: String {
    switch self {
    case .truncated: "claims more bytes than are left"
    case .varint: "holds a number of more than 64 bits"
    case .wireType(let type): "has the field kind \(type), which ONNX does not use"
    case .contents: "or what follows it is no valid ONNX"
    }
  }
}

extension TensorFault: CustomStringConvertible {
  /// Words after the tensor's name.
  public var description: String {
    switch self {
    case .elementType(let number): "has the element type \(number), which is not supported"
    case .shape(let shape): "has the impossible shape \(shape)"
    case .valueCount(let found, let expected): "has \(found) values where \(expected) belong"
    case .byteCount(let found, let expected): "has \(found) bytes where \(expected) belong"
    case .range: "has values beyond its element type"
    case .outsideFolder(let path):
      "lies in \(quoted(path)), outside the model's folder; do not trust this file"
    case .externalFile(let path, let reason):
      "lies in \(quoted(path)), which cannot be read (\(reason)); keep it beside the model"
    case .externalRange(let path, let fileSize):
      "lies beyond the \(fileSize) bytes of \(quoted(path)); fetch both files again"
    case .noFolder: "lies in another file, and the model came from none"
    }
  }
}
