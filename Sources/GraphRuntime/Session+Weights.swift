import GraphIR

extension Session {
  /// The graph with constants in the place of what depends on weights alone.
  ///
  /// What ops cannot evaluate by themselves is computed by a session of its own.
  static func foldingWeights(
    _ graph: Graph, inputs: [String: Shape], threads: Threads, kernels: Kernels
  ) throws(RuntimeError) -> Graph {
    let folded: Graph
    let computing: Prepared
    do throws(GraphError) {
      var swept = graph
      while let next = try swept.swept(by: FoldConstants()) { swept = next }
      folded = swept
      let values = folded.computedWeights(shapes: try folded.shapes(inputs: inputs))
      guard !values.isEmpty else { return folded }
      let graph = try PassPipeline.inference(folded.computing(values), inputs: [:])
      computing = Prepared(graph: graph, shapes: try graph.shapes(inputs: [:]))
    } catch {
      throw .graph(error)
    }
    let session = try Session(
      computing, inputShapes: [:], batching: .whole, precision: .float32, threads: threads,
      kernels: kernels)
    let values = try session.run([:])
    do { return try folded.replacing(values) } catch { throw .graph(error) }
  }
}
