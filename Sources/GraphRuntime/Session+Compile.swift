import GraphIR

extension Session {
  /// A graph that is complete in itself, with the shapes of its values.
  struct Prepared {
    let graph: Graph
    let shapes: [Shape]
  }

  /// What is left of a graph once it is compiled.
  struct Compiled {
    let steps: [Lowering.LabelledStep]
    var packing: PackingJobs
    let arenaSize: Int
    let inputOffsets: [String: Int]
    let outputs: [String: Location]
    let outputShapes: [String: Shape]
  }

  /// Binds weights, computes what depends on them alone, and applies the passes.
  static func prepare(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    endpoints: [String]?, batching: Batching, threads: Threads, kernels: Kernels
  ) throws(RuntimeError) -> Prepared {
    let bound: Graph
    let inputs: [String: Shape]
    let shapes: [Shape]
    do throws(GraphError) {
      try graph.checkInputNames(inputShapes.keys)
      bound = try graph.pruned(to: endpoints).binding(weights)
      // What no endpoint needs is gone, inputs too.
      let needed = Set(bound.inputs.map(\.name))
      inputs = inputShapes.filter { needed.contains($0.key) }
      // Before anything is folded, so that messages name the layers of the network itself.
      shapes = try bound.shapes(inputs: inputs)
    } catch {
      throw .graph(error)
    }
    if batching == .perImage {
      for (name, shape) in inputShapes where shape.first != 1 {
        throw .inputShape(
          name: name, found: shape, expected: Shape([1] + shape.dimensions.dropFirst()))
      }
      if let value = bound.firstMixingImages(shapes: shapes) {
        let node = bound[value]
        throw .unsupported(
          op: type(of: node.op.attributes).name, label: node.label,
          reason: "it does not keep the images of a batch apart, which are computed one by one")
      }
    }
    let folded = try foldingWeights(bound, inputs: inputs, threads: threads, kernels: kernels)
    do throws(GraphError) {
      let optimised = try PassPipeline.inference(folded, inputs: inputs)
      // What was folded is in other memory now; what was not is fetched again when it is packed.
      for weight in weights.values { weight.discardPages() }
      return Prepared(graph: optimised, shapes: try optimised.shapes(inputs: inputs))
    } catch {
      throw .graph(error)
    }
  }

  /// Settles layouts and memory, and makes the steps; packing the weights is left to do.
  static func compile(
    _ prepared: consuming Prepared, precision: Precision, kernels: Kernels,
    preferred: ConvolutionPath?
  ) throws(RuntimeError) -> Compiled {
    let plan = PlannedGraph(
      prepared.graph, shapes: prepared.shapes, precision: precision, kernels: kernels,
      preferred: preferred)
    var lowering = Lowering(plan, precision: precision, kernels: kernels)
    let steps = try lowering.steps()

    var inputOffsets = [String: Int]()
    for (index, node) in plan.nodes.enumerated() {
      if case .op(.input(let input)) = node.operation {
        inputOffsets[input.name] = try lowering.offset(of: index)
      }
    }
    var outputs = [String: Location]()
    var outputShapes = [String: Shape]()
    for (name, node) in plan.endpoints {
      outputs[name] = try lowering.location(of: node)
      outputShapes[name] = plan.nodes[node].shape
    }
    return Compiled(
      steps: steps, packing: lowering.packing, arenaSize: lowering.arenaSize,
      inputOffsets: inputOffsets, outputs: outputs, outputShapes: outputShapes)
  }
}
