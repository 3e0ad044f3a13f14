import GraphIR

/// What is evaluated while a model is imported, because its operands are all known.
enum HostOps {
  typealias Function = @Sendable (ONNXCall) throws(ONNXProblem) -> [Tensor]?

  static let table: [String: Function] = [:]

  /// The results of a node whose operands are all known, or nil where it must be built.
  static func evaluate(_ call: ONNXCall) throws(ONNXProblem) -> [Tensor]? {
    try table[call.node.op]?(call)
  }
}
