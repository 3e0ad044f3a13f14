import Converter
import GraphIR
import GraphRuntime

/// A graph of a file, compiled for inputs of certain shapes.
struct CompiledGraph {
  private let outputs: [ImportedModel.Output]
  /// Nil where every output is known beforehand.
  private let session: Session?
  private let inputs: [String]

  init(
    _ model: ONNXModel, file: String, shapes: [String: Shape], values: [String: Tensor],
    outputs names: [String], precision: Precision, threads: Threads, kernels: Kernels
  ) throws {
    let imported = try model.imported(file: file, shapes: shapes, values: values)
    outputs = imported.outputs.filter { names.contains($0.name) }
    let endpoints = outputs.filter { $0.known == nil }.map(\.name)
    guard !endpoints.isEmpty else {
      session = nil
      inputs = []
      return
    }
    var graph = try imported.graph.pruned(to: endpoints)
    var shapes = shapes.filter { name, _ in graph.inputs.contains { $0.name == name } }
    var batching = Session.Batching.whole
    // Images that have nothing to do with each other are computed one by one, by the same kernels
    // as a single one.
    if let batch = shapes.first?.value.first, batch > 1, values.isEmpty,
      shapes.values.allSatisfy({ $0.first == batch }),
      graph.isIndependentAlongBatch(shapes: try graph.shapes(inputs: shapes))
    {
      let single = shapes.mapValues { Shape([1] + $0.dimensions.dropFirst()) }
      // A model may have its batch extent written into it, or compute with it.
      if let image = try? model.imported(file: file, shapes: single).graph.pruned(to: endpoints),
        image.isImage(of: graph)
      {
        graph = image
        shapes = single
        batching = .perImage
      }
    }
    inputs = graph.inputs.map(\.name)
    session = try Session(
      graph, weights: [:], inputShapes: shapes, endpoints: endpoints, batching: batching,
      precision: precision, threads: threads, kernels: kernels)
  }

  func run(_ tensors: [String: Tensor]) throws -> [String: Tensor] {
    let computed = try session?.run(tensors.filter { inputs.contains($0.key) }) ?? [:]
    var results = [String: Tensor]()
    for output in outputs {
      if let known = output.known {
        results[output.name] = known
      } else if let tensor = computed[output.name] {
        results[output.name] = tensor.converted(to: output.dtype)
      }
    }
    return results
  }
}
