import Converter
import Foundation
import GraphIR
import WeightFiles

extension Zoo {
  /// Writes a native file that carries an ONNX model's graph, if every op of it can be had.
  func write(
    _ model: ONNXModel, of foreign: ForeignFile, to url: URL, _ options: ConversionOptions
  ) throws -> Conversion {
    let facts = foreign.listing.facts + [try tried(model, file: foreign.path, options.inputShapes)]
    let (graph, tensors) = model.json()
    let network = Conversion.Network(
      architecture: GraphModel.architecture, configuration: graph, description: nil)
    return try write(
      network, TensorsToStore(graphTensors: tensors, as: options.dtype), of: foreign, to: url,
      facts: facts)
  }

  /// Builds the graph once where its inputs' shapes are known, so that whoever converts it hears of
  /// what cannot be had.
  ///
  /// - Returns: what was tried, for people.
  private func tried(
    _ model: ONNXModel, file: String, _ given: [String: Shape]
  ) throws -> (name: String, value: String) {
    let unsupported = model.unsupportedNodes
    guard unsupported.isEmpty else {
      throw ONNXError(file: file, problem: .unsupportedNodes(unsupported))
    }
    let known = model.graph.inputs.map(\.name)
    for name in given.keys.sorted() where !known.contains(name) {
      throw ZooError.noInput(model: file, input: name, known: known)
    }
    var shapes = [String: Shape]()
    for input in model.graph.inputs {
      guard let shape = given[input.name] ?? input.fixedShape else {
        return (
          "not tried", "the extents of the input \(input.name) are open; --input-shape gives some"
        )
      }
      shapes[input.name] = shape
    }
    do {
      let imported = try model.imported(file: file, shapes: shapes)
      return ("tried", "\(imported.graph.nodes.count) nodes for inputs of these shapes")
    } catch {
      guard case .needsValue(let input) = error.problem else { throw error }
      return ("not tried", "its shapes depend on the numbers of the input \(input)")
    }
  }
}

extension TensorsToStore {
  /// Numbers below which a graph's tensor keeps its type: scales and limits, on which shapes may
  /// depend.
  private static let fewest = 16

  /// Settles the types of a graph's tensors.
  init(graphTensors tensors: [(name: String, tensor: Tensor)], as dtype: DType?) {
    let isLarge = { (tensor: Tensor) in tensor.shape.elementCount >= Self.fewest }
    let large = TensorsToStore(tensors.filter { isLarge($0.tensor) }, as: dtype).stored
    var next = large.makeIterator()
    stored = tensors.compactMap { item in
      isLarge(item.tensor) ? next.next() : TensorToWrite(name: item.name, item.tensor)
    }
  }
}
