import GraphIR

/// A graph compiled for one image size: weights bound and folded, memory planned, kernels chosen.
///
/// Immutable, and safe to run from many threads at once. Every image of a batch goes through the
/// same steps, and however a step is cut into tasks, each number comes from the same operations in
/// the same order; so an image's numbers are bit-identical for any number of threads and in any
/// batch.
public final class Session: Sendable {
  /// What a session is compiled for.
  public enum Batching: Hashable, Sendable {
    /// One image. A run takes any number of them, along the first axis of inputs and results, and
    /// computes each by itself. The graph must keep images apart, see
    /// `Graph.isIndependentAlongBatch(shapes:)`.
    case perImage
    /// Inputs of exactly the given shapes, whatever their axes mean.
    case whole
  }

  /// The shape of each input by name; per image, for one image with batch extent 1.
  public let inputShapes: [String: Shape]
  /// The shape of each requested endpoint by name; per image, for one image with batch extent 1.
  public let outputShapes: [String: Shape]
  /// What the session is compiled for.
  public let batching: Batching
  /// How many threads a run uses at most.
  public let threads: Threads
  /// The instruction set in use, as `Kernels.name`.
  public var instructionSet: String { kernels.name }

  /// The arithmetic of the layers.
  public let precision: Precision

  let steps: [Lowering.LabelledStep]
  /// How many tasks each step is cut into.
  let taskCounts: [Int]
  let kernels: Kernels
  let inputOffsets: [String: Int]
  let outputs: [String: Location]
  let workspaces: WorkspacePool

  /// Compiles a graph.
  ///
  /// - Parameters:
  ///   - graph: the network; every parameter it needs must be among the weights.
  ///   - weights: tensors of real numbers by parameter name; others are ignored.
  ///   - inputShapes: the shape of each input, per image with batch extent 1.
  ///   - endpoints: what will be asked for; all where nil. Nothing else is computed.
  ///   - batching: what the shapes stand for.
  ///   - precision: the arithmetic between layers; inputs and outputs are float32 in any case.
  ///   - threads: see `Threads`.
  ///   - kernels: see `Kernels.forThisMachine`.
  /// - Throws: `RuntimeError` where graph, weights, shapes or endpoints do not fit each other.
  public convenience init(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    endpoints: [String]? = nil, batching: Batching = .perImage, precision: Precision = .float32,
    threads: Threads, kernels: Kernels
  ) throws(RuntimeError) {
    try self.init(
      graph, weights: weights, inputShapes: inputShapes, endpoints: endpoints, batching: batching,
      precision: precision, threads: threads, kernels: kernels, preferred: nil)
  }

  // The public one with the way in which convolutions are to be computed where that is possible.
  package convenience init(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    endpoints: [String]? = nil, batching: Batching = .perImage, precision: Precision = .float32,
    threads: Threads, kernels: Kernels, preferred: ConvolutionPath?
  ) throws(RuntimeError) {
    try self.init(
      Self.prepare(
        graph, weights: weights, inputShapes: inputShapes, endpoints: endpoints,
        batching: batching, threads: threads, kernels: kernels), inputShapes: inputShapes,
      batching: batching, precision: precision,
      threads: threads, kernels: kernels, preferred: preferred)
  }

  /// Compiles a graph whose weights are bound and whose passes are done.
  init(
    _ prepared: consuming Prepared, inputShapes: [String: Shape], batching: Batching,
    precision: Precision, threads: Threads, kernels: Kernels, preferred: ConvolutionPath? = nil
  ) throws(RuntimeError) {
    var compiled = try Self.compile(
      consume prepared, precision: precision, kernels: kernels, preferred: preferred)
    // The graph is gone by now, so that weights leave memory as they are packed.
    compiled.packing.run(on: threads)
    steps = compiled.steps
    taskCounts = compiled.steps.map { $0.step.taskCount(threads: threads.count) }
    inputOffsets = compiled.inputOffsets
    outputs = compiled.outputs
    outputShapes = compiled.outputShapes
    workspaces = WorkspacePool(
      arenaSize: compiled.arenaSize,
      scratchSize: compiled.steps.map(\.step.scratchSize).max() ?? 0, workers: threads.count)
    self.kernels = kernels
    self.threads = threads
    self.precision = precision
    self.batching = batching
    self.inputShapes = inputShapes
  }
}
