import GraphIR

/// Why an ONNX model was refused: facts, whose wording stands in `ONNXError+Description.swift`.
public struct ONNXError: Error, Equatable, Sendable {
  /// A node of the model, as people find it there.
  public struct Place: Hashable, Sendable {
    /// The op, such as `Conv`, with its domain where that is not ONNX's own.
    public let op: String
    /// The operator set it is taken from.
    public let opset: Int
    /// The node's name; its first result's where it has none.
    public let name: String

    /// Names a node.
    public init(op: String, opset: Int, name: String) {
      self.op = op
      self.opset = opset
      self.name = name
    }
  }

  /// The file, as it was given.
  public let file: String
  /// The node at fault, if one is.
  public let node: Place?
  /// What is wrong.
  public let problem: ONNXProblem

  /// Puts an error together.
  public init(file: String, node: Place? = nil, problem: ONNXProblem) {
    self.file = file
    self.node = node
    self.problem = problem
  }
}

/// What can be wrong with an ONNX model.
public indirect enum ONNXProblem: Error, Equatable, Sendable {
  // Reading the file.
  /// Bytes that are no protocol buffer, with the place.
  case malformed(offset: Int, Malformation)
  /// A name or text that is not UTF-8.
  case notText
  /// Messages within messages, deeper than any model needs.
  case tooDeep(maximum: Int)
  /// More memory than a model of this size may need.
  case tooMuchMemory(maximum: Int)
  /// No graph in it.
  case noGraph
  /// An operator set that is not understood; nil where the file names none.
  case opset(Int?, known: ClosedRange<Int>)
  /// A tensor that cannot be used.
  case tensor(String, TensorFault)
  /// An input or output that is no tensor.
  case notATensor(String)
  /// A name that several values have.
  case duplicateName(String)
  /// An operand that nothing before it makes.
  case undefinedValue(String)
  /// A function that calls itself, or functions nested too deep.
  case recursiveFunction(String)
  /// More of something than any real model has.
  case limit(String, maximum: Int)
  /// An attribute of a kind that nothing here has: sparse tensors, types.
  case attributeKind(String)

  // Importing nodes.
  /// Every node whose op is not to be had.
  case unsupportedNodes([ONNXError.Place])
  /// An operand that must be given is not.
  case missingOperand(Int)
  /// An operand of another element type than is needed.
  case operandType(Int, found: DType, needed: String)
  /// An operand of another shape than is needed.
  case operandShape(Int, found: Shape, needed: String)
  /// An attribute that must be given is not.
  case missingAttribute(String)
  /// An attribute of another value than is understood.
  case attribute(String, found: String, needed: String)
  /// A value that must be known before the network runs, but is computed by it.
  case unknownValue(Int)
  /// The value of a graph input that must be known before the network can be compiled.
  case needsValue(input: String)
  /// An operand whose numbers are not what the op takes.
  case operandValue(Int, needed: String)
  /// Extents that no tensor can have.
  case extents([Int])
  /// A whole number beyond the range of its type.
  case wholeNumberRange(DType)
  /// A whole number divided by 0.
  case divisionByZero
  /// Known numbers that are beyond 32-bit floats, or whole ones that those do not tell apart.
  case beyondFloats
  /// Arithmetic on whole numbers or truth values while the network runs.
  case integerArithmetic
  /// What is wrong at a node of a branch.
  case inBranch(ONNXError.Place, ONNXProblem)
  /// A form of the op that is not to be had, in words that complete “has”.
  case form(String)
  /// Shapes that do not fit the op.
  case shape(ShapeProblem)
  /// A graph that fails its own checks, in its words.
  case graph(String)
  /// The numbers given for an input are not what the model takes.
  case input(String, found: Shape, needed: String)
}

/// How bytes can fail to be a protocol buffer.
public enum Malformation: Hashable, Sendable {
  case truncated
  case varint
  case wireType(Int)
  case contents
}

/// Why a tensor of an ONNX model cannot be used.
public enum TensorFault: Error, Hashable, Sendable {
  /// An element type, by its number, that is not read.
  case elementType(Int)
  /// A negative extent, or more elements than can be counted.
  case shape([Int])
  /// Another number of values than the shape has elements.
  case valueCount(found: Int, expected: Int)
  /// Another number of bytes than the shape needs.
  case byteCount(found: Int, expected: Int)
  /// A number outside the element type's range.
  case range
  /// External data outside the model's folder.
  case outsideFolder(String)
  /// External data that is not there or cannot be read.
  case externalFile(String, reason: String)
  /// An offset or length that is no number or outside the file.
  case externalRange(String, fileSize: Int)
  /// External data where the model itself did not come from a file.
  case noFolder
}
