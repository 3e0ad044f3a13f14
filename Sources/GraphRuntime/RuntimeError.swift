import GraphIR

/// Why a graph could not be compiled or run.
public enum RuntimeError: Error, Equatable, Sendable {
  /// The graph and its inputs or weights do not fit.
  case graph(GraphError)
  /// The runtime has no implementation of an op in this form.
  case unsupported(op: String, label: String, reason: String)
  /// `ZOO_ISA` or a caller asks for an instruction set that is not there.
  case unknownInstructionSet(String, available: [String])
  /// `ZOO_NUM_THREADS` or a caller asks for an impossible number of threads.
  case threadCount(String)
  /// The input tensor is not of the compiled shape, apart from its batch extent.
  case inputShape(name: String, found: Shape, expected: Shape)
  /// The input tensor is not of the compiled shape.
  case exactInputShape(name: String, found: Shape, expected: Shape)
  /// The input tensor does not hold real numbers.
  case inputType(name: String, found: DType)
  /// A run lacks an input.
  case missingInput(String)
  /// The inputs of one run differ in their batch extents.
  case batchMismatch(Int, Int)
  /// The layers need more memory than a process can address.
  case tooLarge
}

extension RuntimeError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .graph(let error): "\(error)"
    case .unsupported(let op, let label, let reason): "\(label) (\(op)): \(reason)"
    case .unknownInstructionSet(let name, let available):
      "this machine has no instruction set \"\(name)\"; ZOO_ISA can be "
        + available.joined(separator: ", ")
    case .threadCount(let text):
      "\"\(text)\" is not a number of threads; give a whole number from 1 to 256"
    case .inputShape(let name, let found, let expected):
      "the input \(name) is \(found), the model was compiled for \(expected) an image"
    case .exactInputShape(let name, let found, let expected):
      "the input \(name) is \(found), the graph was compiled for \(expected)"
    case .inputType(let name, let found):
      "the input \(name) holds \(found.rawValue) values; real numbers are needed"
    case .missingInput(let name): "the input \(name) was not given"
    case .batchMismatch(let a, let b): "inputs hold \(a) and \(b) images; the counts must agree"
    case .tooLarge: "the image is too large: its layers do not fit into memory"
    }
  }
}
