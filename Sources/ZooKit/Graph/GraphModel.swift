import Converter
import GraphIR
import GraphRuntime
import Synchronization

/// A network that a file describes itself, as ONNX models do: it runs without a plugin, and nothing
/// is known of it but its inputs and outputs.
///
/// Safe to use from many threads. The network is compiled for the inputs' shapes when they are first
/// used, and the last few of those are kept.
public final class GraphModel: Sendable {
  /// An input or output.
  public struct Value: Sendable {
    /// The name in the file.
    public let name: String
    /// The element type, where the file says it.
    public let dtype: DType?
    /// The extents for people, such as `batch×3×224×224`; nil where the file does not give them.
    public let shape: String?
  }

  /// The id under which native files carry the graphs of ONNX models.
  static let architecture = "onnx"

  /// What a caller supplies.
  public let inputs: [Value]
  /// What a caller gets, in order.
  public let outputs: [Value]

  let file: String
  private let model: ONNXModel
  private let threads: Threads
  private let kernels: Kernels
  private let precision: Precision
  private let compiled = Mutex<[Key: CompiledGraph]>([:])

  /// What the compiled form depends on.
  private struct Key: Hashable {
    let shapes: [String: Shape]
    /// The numbers of inputs on which shapes depend.
    let values: [String: [UInt8]]
    let outputs: [String]
  }

  /// Compiled forms that are kept; then all are given up and made anew.
  private static let mostKept = 8

  package init(_ model: ONNXModel, execution: ExecutionOptions, file: String) throws {
    self.model = model
    self.file = file
    inputs = model.graph.inputs.map(Value.init)
    outputs = model.graph.outputs.map(Value.init)
    threads = try Threads(execution.threads)
    precision = execution.precision
    kernels = try execution.kernels()
  }

  /// Computes outputs.
  ///
  /// - Parameters:
  ///   - tensors: every input by name, real numbers; whole numbers and truth values where the model
  ///     takes those, up to 2^24 in size.
  ///   - names: the outputs to compute; all where nil.
  /// - Returns: each output by name, with the element type that the model gives it. Numbers are
  ///   computed as 32-bit floats.
  /// - Throws: `ZooError`, `ONNXError` or `RuntimeError`, naming what does not fit.
  public func run(
    _ tensors: [String: Tensor], outputs names: [String]? = nil
  ) throws -> [String: Tensor] {
    for name in names ?? [] { try require(name) }
    try check(tensors)
    let names = names ?? outputs.map(\.name)
    let graph = try compiled(for: tensors, outputs: names)
    return try graph.run(tensors)
  }

  /// Checks that the model has an output.
  ///
  /// - Throws: `ZooError` with the nearest name where it has none of this name.
  public func require(_ output: String) throws(ZooError) {
    guard outputs.contains(where: { $0.name == output }) else {
      throw .noEndpoint(model: file, endpoint: output, known: outputs.map(\.name))
    }
  }

  private func check(_ tensors: [String: Tensor]) throws(ZooError) {
    let known = inputs.map(\.name)
    for name in tensors.keys.sorted() where !known.contains(name) {
      throw .noInput(model: file, input: name, known: known)
    }
    for name in known where tensors[name] == nil {
      throw .missingInput(model: file, input: name)
    }
    for input in inputs {
      guard let tensor = tensors[input.name] else { continue }
      let isReal = input.dtype?.isFloatingPoint ?? true
      guard let values = tensor.dtype.isFloatingPoint ? [] : tensor.floats() else {
        throw .inputType(input: input.name, found: tensor.dtype)
      }
      // Beyond this not every whole number is a 32-bit float.
      guard isReal || values.allSatisfy({ $0.magnitude < 0x1p24 }) else {
        throw .indexTooLarge(input: input.name)
      }
    }
  }

  private func compiled(
    for tensors: [String: Tensor], outputs names: [String]
  ) throws -> CompiledGraph {
    let shapes = tensors.mapValues(\.shape)
    // Numbers beyond 32-bit floats, and those they meet, are left to what is computed in 64 bits
    // while the graph is built. Which others' numbers matter comes out then.
    let doubles = tensors.filter { $0.value.dtype == .float64 }
    let isBeyond = doubles.values.contains { $0.overflows(.float32) }
    var needed = Set(isBeyond ? doubles.map(\.key) : [])
    while true {
      let values = tensors.filter { needed.contains($0.key) }
      let key = Key(
        shapes: shapes, values: values.mapValues { $0.withUnsafeBytes { Array($0) } },
        outputs: names)
      if let graph = compiled.withLock({ $0[key] }) { return graph }
      do {
        let graph = try CompiledGraph(
          model, file: file, shapes: shapes, values: values, outputs: names, precision: precision,
          threads: threads, kernels: kernels)
        compiled.withLock {
          if $0.count >= Self.mostKept { $0.removeAll() }
          $0[key] = graph
        }
        return graph
      } catch let error as ONNXError {
        guard case .needsValue(let input) = error.problem, needed.insert(input).inserted else {
          throw error
        }
      }
    }
  }
}

extension GraphModel.Value {
  fileprivate init(_ info: ONNXValueInfo) {
    self.init(name: info.name, dtype: info.dtype, shape: info.extents?.text)
  }
}
