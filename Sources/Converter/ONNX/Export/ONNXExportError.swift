/// Why a graph cannot be written as an ONNX model.
public enum ONNXExportError: Error, Hashable, Sendable {
  /// An operator set that is not written.
  case opset(Int, known: ClosedRange<Int>)
  /// A node that only later operator sets have; `what` completes “is”.
  case needsOpset(Int, node: String, what: String)
  /// No endpoint was asked for.
  case noOutputs
  /// Nodes and names alone, without the weights, are more than one file can hold.
  case tooManyNodes(byteCount: Int, limit: Int)
}

extension ONNXExportError: CustomStringConvertible {
  /// One sentence, without a full stop.
  public var description: String {
    switch self {
    case .opset(let version, let known):
      "operator set \(version) is not written; give one from \(known.lowerBound) to "
        + "\(known.upperBound)"
    case .needsOpset(let least, let node, let what):
      "\(node) is \(what), which ONNX has since operator set \(least); export with that or a later "
        + "one"
    case .noOutputs: "no output is asked for; name one"
    case .tooManyNodes(let byteCount, let limit):
      "its nodes take \(byteCount) bytes without any weights, an ONNX file holds \(limit)"
    }
  }
}

/// Thrown by a node that can be written for one image size alone, to begin again with that.
struct NeedsFixedSize: Error {}
