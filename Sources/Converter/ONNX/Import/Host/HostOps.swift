import GraphIR

/// What is evaluated while a model is imported, because its operands are all known.
///
/// That is what exporters make of shapes, and whatever else needs whole numbers. Whole numbers never
/// wrap: a result beyond its type is an error. Ops that only move elements are not here: the
/// importer's own methods move what is known.
enum HostOps {
  typealias Function = @Sendable (ONNXCall) throws(ONNXProblem) -> [HostTensor]?

  /// The most whole numbers or truth values in a tensor that is calculated with here.
  ///
  /// A transformer of 577 tokens has a table of 577×577 positions. Each number takes some 50 bytes
  /// while it is calculated with.
  static let mostWholeNumbers = 1 << 19
  /// The most real numbers; beyond that, nodes are built, which are folded like any constant.
  static let mostRealNumbers = 1 << 16
  /// The most bytes that may be read and made here in all, besides a few times those of the model.
  ///
  /// What is made stays until the graph is complete, however short the file is.
  static let mostBytes = 1 << 25
  /// How often the model's own numbers may be read or made anew.
  static let mostBytesPerByte = 2
  /// Ops that look at an operand's shape only.
  static let shapeOps: Set<String> = ["Shape", "Size", "EyeLike"]

  static let table: [String: Function] = {
    var table: [String: Function] = [:]
    for family in [arithmetic, logic, conversions, reductions, generators] {
      table.merge(family) { first, _ in first }
    }
    return table
  }()

  /// The results of a node whose operands are all known, or nil where it must be built.
  static func evaluate(_ call: ONNXCall) throws(ONNXProblem) -> [Tensor]? {
    guard let results = try table[call.node.op]?(call) else { return nil }
    var tensors = [Tensor]()
    for result in results { tensors.append(try result.tensor()) }
    return tensors
  }
}

extension ONNXCall {
  /// An operand's numbers; nil where they are not known, or are too many.
  func host(_ index: Int) throws(ONNXProblem) -> HostTensor? {
    guard let tensor = try operand(index).known else { return nil }
    return try HostTensor(tensor)
  }

  /// All operands' numbers, the second reshaped to how models before opset 7 broadcast; nil where
  /// some are not known, or are too many.
  func hosts() throws(ONNXProblem) -> [HostTensor]? {
    var hosts = [HostTensor]()
    for operand in try allOperands() {
      guard let tensor = operand.known, let host = try HostTensor(tensor) else { return nil }
      hosts.append(host)
    }
    return hosts
  }

  /// Two operands' numbers broadcast to a common shape; nil where they are not known or too many.
  func hostPair() throws(ONNXProblem) -> (a: HostTensor, b: HostTensor)? {
    let (first, second) = (try operand(0), try operand(1))
    guard let a = try host(0), let known = second.known else { return nil }
    let aligned = try alignedShape(of: second.shape, with: first.shape)
    guard let b = try HostTensor(known.reshaped(to: aligned)) else { return nil }
    guard let shape = a.shape.broadcast(with: b.shape) else {
      throw .shape(.notBroadcastable(a.shape, b.shape))
    }
    guard HostTensor.fits(a.dtype, shape), HostTensor.fits(b.dtype, shape) else { return nil }
    return (a.broadcast(to: shape), b.broadcast(to: shape))
  }

  /// The shape under which a second operand broadcasts with the first as NumPy's rule has it.
  ///
  /// Before opset 7, `axis` said which axis of the first operand the second one's first axis is.
  func alignedShape(of second: Shape, with first: Shape) throws(ONNXProblem) -> Shape {
    guard opset < 7, try int("broadcast", default: 0) != 0, let axis = try optionalInt("axis")
    else { return second }
    let start = try self.axis(axis, rank: first.count)
    let behind = first.count - start - second.count
    guard behind >= 0 else { throw .shape(.notBroadcastable(first, second)) }
    return Shape(second.dimensions + Array(repeating: 1, count: behind))
  }
}
