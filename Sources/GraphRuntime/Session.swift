import GraphIR

/// A graph compiled for one image size: weights bound and folded, memory planned, kernels chosen.
///
/// Immutable, and safe to run from many threads at once. Images of a batch are computed one after
/// the other, each by the same steps, and a step's work is cut by its shape alone; so an image's
/// numbers are bit-identical for any number of threads and in any batch.
public final class Session: Sendable {
  /// The shape of each input for one image, batch extent 1, by name.
  public let inputShapes: [String: Shape]
  /// The shape of each requested endpoint for one image, batch extent 1, by name.
  public let outputShapes: [String: Shape]
  /// How many threads a run uses at most.
  public let threads: Threads
  /// The instruction set in use, as `Kernels.name`.
  public var instructionSet: String { kernels.name }

  let steps: [Lowering.LabelledStep]
  let kernels: Kernels
  private let inputOffsets: [String: Int]
  private let outputOffsets: [String: Int]
  private let workspaces: WorkspacePool

  /// Compiles a graph.
  ///
  /// - Parameters:
  ///   - graph: the network; every parameter it needs must be among the weights.
  ///   - weights: tensors of real numbers by parameter name; others are ignored.
  ///   - inputShapes: the shape of each input for one image, `[1, channels, height, width]`.
  ///   - endpoints: what will be asked for; all where nil. Nothing else is computed.
  ///   - threads: see `Threads`.
  ///   - kernels: see `Kernels.forThisMachine`.
  /// - Throws: `RuntimeError` where graph, weights, shapes or endpoints do not fit each other.
  public init(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    endpoints: [String]? = nil, threads: Threads, kernels: Kernels
  ) throws(RuntimeError) {
    let optimised: Graph
    let shapes: [Shape]
    do throws(GraphError) {
      let bound = try graph.pruned(to: endpoints).binding(weights)
      // Before anything is folded, so that messages name the layers of the network itself.
      _ = try bound.shapes(inputs: inputShapes)
      optimised = try PassPipeline.inference(bound)
      shapes = try optimised.shapes(inputs: inputShapes)
    } catch {
      throw .graph(error)
    }
    for (name, shape) in inputShapes where shape.first != 1 {
      throw .inputShape(
        name: name, found: shape, expected: Shape([1] + shape.dimensions.dropFirst()))
    }
    let lowering = try Lowering(optimised, shapes: shapes, kernels: kernels)
    steps = try lowering.steps()
    self.kernels = kernels
    self.threads = threads
    self.inputShapes = inputShapes

    var inputOffsets = [String: Int]()
    for value in optimised.values {
      if case .input(let input) = optimised[value].op {
        inputOffsets[input.name] = try lowering.offset(of: value)
      }
    }
    var outputOffsets = [String: Int]()
    var outputShapes = [String: Shape]()
    for (name, value) in optimised.endpoints {
      outputOffsets[name] = try lowering.offset(of: value)
      outputShapes[name] = shapes[value.index]
    }
    self.inputOffsets = inputOffsets
    self.outputOffsets = outputOffsets
    self.outputShapes = outputShapes
    workspaces = WorkspacePool(
      arenaSize: lowering.arenaSize,
      scratchSize: steps.map(\.step.scratchSize).max() ?? 0, workers: threads.count)
  }

  /// Computes the endpoints for a batch.
  ///
  /// - Parameter inputs: by name, tensors of the compiled shape but for the batch extent, which is
  ///   the same for all.
  /// - Returns: every endpoint by name, float32, batch extent first.
  /// - Throws: `RuntimeError` where an input is missing or does not fit.
  public func run(_ inputs: [String: Tensor]) throws(RuntimeError) -> [String: Tensor] {
    try run(inputs, profile: nil)
  }

  func run(
    _ inputs: [String: Tensor], profile: Profile?
  ) throws(RuntimeError) -> [String: Tensor] {
    let (values, batch) = try checked(inputs)
    var outputs = outputShapes.mapValues {
      [Float](repeating: 0, count: $0.elementCount * batch)
    }
    let workspace = try workspaces.take()
    defer { workspaces.giveBack(workspace) }
    for image in 0..<batch {
      for (name, offset) in inputOffsets {
        guard let source = values[name], let count = inputShapes[name]?.elementCount else {
          throw .missingInput(name)
        }
        source.withUnsafeBufferPointer { floats in
          guard let base = floats.baseAddress else { return }
          (workspace.memory.arena + offset).update(from: base + image * count, count: count)
        }
      }
      execute(in: workspace, profile: profile)
      for (name, offset) in outputOffsets {
        guard let count = outputShapes[name]?.elementCount else { continue }
        outputs[name]?.withUnsafeMutableBufferPointer { floats in
          guard let base = floats.baseAddress else { return }
          (base + image * count).update(from: workspace.memory.arena + offset, count: count)
        }
      }
    }
    var result = [String: Tensor]()
    for (name, values) in outputs {
      guard let shape = outputShapes[name] else { continue }
      result[name] = Tensor(shape: Shape([batch] + shape.dimensions.dropFirst()), values)
    }
    return result
  }

  private func execute(in workspace: Workspace, profile: Profile?) {
    for (index, labelled) in steps.enumerated() {
      let step = labelled.step
      let start = profile.map { _ in ContinuousClock.now }
      threads.run(tasks: step.taskCount) { task, worker in
        step.run(task: task, scratch: workspace.scratch(worker), in: workspace.memory)
      }
      if let start { profile?.record(step: index, ContinuousClock.now - start) }
    }
  }

  private func checked(
    _ inputs: [String: Tensor]
  ) throws(RuntimeError) -> (values: [String: [Float]], batch: Int) {
    var batch: Int?
    var values = [String: [Float]]()
    for (name, expected) in inputShapes {
      guard let tensor = inputs[name] else { throw .missingInput(name) }
      guard tensor.shape.count == expected.count,
        tensor.shape.dropFirst().elementsEqual(expected.dropFirst())
      else { throw .inputShape(name: name, found: tensor.shape, expected: expected) }
      guard let floats = tensor.floats() else {
        throw .inputType(name: name, found: tensor.dtype)
      }
      if let batch, batch != tensor.shape[0] { throw .batchMismatch(batch, tensor.shape[0]) }
      batch = tensor.shape[0]
      values[name] = floats
    }
    return (values, batch ?? 0)
  }
}
