import GraphIR

/// A graph compiled for one image size: weights bound and folded, memory planned, kernels chosen.
///
/// Immutable, and safe to run from many threads at once. Every image of a batch goes through the
/// same steps, and however a step is cut into tasks, each number comes from the same operations in
/// the same order; so an image's numbers are bit-identical for any number of threads and in any
/// batch.
public final class Session: Sendable {
  /// The shape of each input for one image, batch extent 1, by name.
  public let inputShapes: [String: Shape]
  /// The shape of each requested endpoint for one image, batch extent 1, by name.
  public let outputShapes: [String: Shape]
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
  let outputOffsets: [String: Int]
  let workspaces: WorkspacePool

  /// Compiles a graph.
  ///
  /// - Parameters:
  ///   - graph: the network; every parameter it needs must be among the weights.
  ///   - weights: tensors of real numbers by parameter name; others are ignored.
  ///   - inputShapes: the shape of each input for one image, `[1, channels, height, width]`.
  ///   - endpoints: what will be asked for; all where nil. Nothing else is computed.
  ///   - precision: the arithmetic between layers; inputs and outputs are float32 in any case.
  ///   - threads: see `Threads`.
  ///   - kernels: see `Kernels.forThisMachine`.
  /// - Throws: `RuntimeError` where graph, weights, shapes or endpoints do not fit each other.
  public convenience init(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    endpoints: [String]? = nil, precision: Precision = .float32, threads: Threads,
    kernels: Kernels
  ) throws(RuntimeError) {
    try self.init(
      graph, weights: weights, inputShapes: inputShapes, endpoints: endpoints,
      precision: precision, threads: threads, kernels: kernels, paths: [:])
  }

  /// - Parameter paths: how convolutions are to be computed, by label, where that is possible.
  package init(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    endpoints: [String]? = nil, precision: Precision = .float32, threads: Threads,
    kernels: Kernels, paths: [String: ConvolutionPath]
  ) throws(RuntimeError) {
    let optimised: Graph
    let shapes: [Shape]
    do throws(GraphError) {
      let bound = try graph.pruned(to: endpoints).binding(weights)
      // Before anything is folded, so that messages name the layers of the network itself.
      _ = try bound.shapes(inputs: inputShapes)
      optimised = try PassPipeline.inference(bound, inputs: inputShapes)
      shapes = try optimised.shapes(inputs: inputShapes)
    } catch {
      throw .graph(error)
    }
    for (name, shape) in inputShapes where shape.first != 1 {
      throw .inputShape(
        name: name, found: shape, expected: Shape([1] + shape.dimensions.dropFirst()))
    }
    let plan = PlannedGraph(
      optimised, shapes: shapes, precision: precision, kernels: kernels, paths: paths)
    var lowering = Lowering(plan, precision: precision, kernels: kernels)
    steps = try lowering.steps()
    lowering.packing.run(on: threads)
    taskCounts = steps.map { $0.step.taskCount(threads: threads.count) }
    self.kernels = kernels
    self.threads = threads
    self.precision = precision
    self.inputShapes = inputShapes

    var inputOffsets = [String: Int]()
    for (index, node) in plan.nodes.enumerated() {
      if case .op(.input(let input)) = node.operation {
        inputOffsets[input.name] = try lowering.offset(of: index)
      }
    }
    var outputOffsets = [String: Int]()
    var outputShapes = [String: Shape]()
    for (name, node) in plan.endpoints {
      outputOffsets[name] = try lowering.offset(of: node)
      outputShapes[name] = plan.nodes[node].shape
    }
    self.inputOffsets = inputOffsets
    self.outputOffsets = outputOffsets
    self.outputShapes = outputShapes
    workspaces = WorkspacePool(
      arenaSize: lowering.arenaSize,
      scratchSize: steps.map(\.step.scratchSize).max() ?? 0, workers: threads.count)
  }
}
