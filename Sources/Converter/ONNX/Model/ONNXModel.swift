import GraphIR

/// An ONNX model as data: checked, its tensors read, its functions inlined, nothing of it computed.
public struct ONNXModel: Sendable {
  /// The version of the default operator set, which says how each op is meant.
  public let opset: Int
  /// The computation.
  public let graph: ONNXGraph
  /// The program that wrote the file, such as `pytorch 2.3.0`.
  public let producer: String?

  /// Puts a model together.
  public init(opset: Int, graph: ONNXGraph, producer: String? = nil) {
    self.opset = opset
    self.graph = graph
    self.producer = producer
  }

  /// The oldest operator set that is understood: that of PyTorch 0.3.
  public static let oldestOpset = 6
  /// The newest operator set whose changes are known.
  public static let newestOpset = 28
}

/// Nodes in an order in which each needs only earlier ones, with the tensors they use.
public struct ONNXGraph: Sendable {
  /// What a caller supplies; initializers are not listed here.
  public var inputs: [ONNXValueInfo]
  /// What a caller gets, in order.
  public var outputs: [ONNXValueInfo]
  /// The operations.
  public var nodes: [ONNXNode]
  /// The tensors that the file holds, by name.
  public var initializers: [String: Tensor]

  /// Puts a graph together.
  public init(
    inputs: [ONNXValueInfo], outputs: [ONNXValueInfo], nodes: [ONNXNode],
    initializers: [String: Tensor]
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.nodes = nodes
    self.initializers = initializers
  }
}

/// An input or output.
public struct ONNXValueInfo: Hashable, Sendable {
  /// An extent: a number, a name that stands for one (`batch`), or nothing.
  public enum Extent: Hashable, Sendable {
    case fixed(Int)
    case named(String)
    case unknown
  }

  /// The name.
  public let name: String
  /// The element type; nil where the file does not say.
  public let dtype: DType?
  /// The extents, outermost first; nil where the file does not give even their number.
  public let extents: [Extent]?

  /// Describes an input or output.
  public init(name: String, dtype: DType?, extents: [Extent]?) {
    self.name = name
    self.dtype = dtype
    self.extents = extents
  }
}

/// One operation.
public struct ONNXNode: Sendable {
  /// The op, such as `Conv`, of ONNX's own operator set.
  public let op: String
  /// The node's name; empty where it has none.
  public let name: String
  /// The names of its operands; an empty one stands for an optional operand that is not given.
  public var inputs: [String]
  /// The names of its results; an empty one is not wanted.
  public var outputs: [String]
  /// The attributes by name.
  public var attributes: [String: ONNXAttribute]

  /// Puts a node together.
  public init(
    op: String, name: String = "", inputs: [String], outputs: [String],
    attributes: [String: ONNXAttribute] = [:]
  ) {
    self.op = op
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }
}

/// The value of a node's attribute.
public enum ONNXAttribute: Sendable {
  case float(Float)
  case int(Int)
  case string(String)
  case tensor(Tensor)
  case floats([Float])
  case ints([Int])
  case strings([String])
  /// A branch of a conditional; it may use values of the graph around it.
  case graph(ONNXGraph)
}
