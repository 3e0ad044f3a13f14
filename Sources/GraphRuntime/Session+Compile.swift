import GraphIR

extension Session {
  /// What is left of a graph once it is compiled.
  struct Compiled {
    let steps: [Lowering.LabelledStep]
    var packing: PackingJobs
    let arenaSize: Int
    let inputOffsets: [String: Int]
    let outputOffsets: [String: Int]
    let outputShapes: [String: Shape]
  }

  /// Binds weights, applies the passes, settles layouts and memory, and makes the steps; packing the
  /// weights is left to do.
  static func compile(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    endpoints: [String]?, precision: Precision, kernels: Kernels,
    preferred: ConvolutionPath?
  ) throws(RuntimeError) -> Compiled {
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
    // What was folded is in other memory now; what was not is fetched again when it is packed.
    for weight in weights.values { weight.discardPages() }
    for (name, shape) in inputShapes where shape.first != 1 {
      throw .inputShape(
        name: name, found: shape, expected: Shape([1] + shape.dimensions.dropFirst()))
    }
    let plan = PlannedGraph(
      optimised, shapes: shapes, precision: precision, kernels: kernels,
      preferred: preferred)
    var lowering = Lowering(plan, precision: precision, kernels: kernels)
    let steps = try lowering.steps()

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
    return Compiled(
      steps: steps, packing: lowering.packing, arenaSize: lowering.arenaSize,
      inputOffsets: inputOffsets, outputOffsets: outputOffsets, outputShapes: outputShapes)
  }
}
