import GraphIR

/// A graph as an ONNX model: checked and complete, its weights still where they were.
///
/// Nodes are named by the graph's labels, initializers by its parameters, and outputs by its
/// endpoints. Everything is computed in 32-bit floats; weights of other types are stored as they
/// are and cast where they are used. What an op becomes stands in `ONNXNodes+….swift`.
package struct ONNXExport: Sendable {
  /// The version of ONNX's operator set that the nodes are written in.
  package let opset: Int
  /// What a caller supplies.
  ///
  /// The first extent of an input is open where images of a batch never meet, height and width where
  /// the network takes other sizes.
  package let inputs: [ONNXValueInfo]
  /// What a caller gets, in the order asked for.
  package let outputs: [ONNXValueInfo]
  let nodes: [ONNXNode]
  let initializers: [(name: String, tensor: Tensor)]

  /// The operator sets that can be written: 13 has bfloat16, 23 is the newest that was tried.
  package static let opsets = 13...23
  /// The operator set of which nobody says that it is too new or too old.
  package static let defaultOpset = 17

  /// Turns a graph into nodes.
  ///
  /// - Parameters:
  ///   - graph: the graph; what the outputs do not need is left out.
  ///   - weights: a tensor for every parameter.
  ///   - inputShapes: the shape of every input, by name. An image's batch does not matter, its size
  ///     is what the model is fixed at where its size is not open.
  ///   - outputs: the endpoints to keep, in this order; all, by name, where nil.
  ///   - opset: one of `opsets`.
  ///   - fixesSize: whether height and width are fixed even where they could be open.
  /// - Throws: `ONNXExportError`; `GraphError` where an endpoint is unknown, weights are missing or
  ///   misshapen, or the shapes do not fit the graph.
  package init(
    _ graph: Graph, weights: [String: Tensor], inputShapes: [String: Shape],
    outputs: [String]? = nil, opset: Int = defaultOpset, fixesSize: Bool = false
  ) throws {
    guard Self.opsets.contains(opset) else {
      throw ONNXExportError.opset(opset, known: Self.opsets)
    }
    let names = outputs ?? graph.endpoints.keys.sorted()
    guard !names.isEmpty else { throw ONNXExportError.noOutputs }
    var graph = try graph.pruned(to: names)
    var fixesSize = fixesSize
    // Sizes that follow from each other are numbers in the file, and so the image's is one too.
    if let settled = try graph.settled(inputs: inputShapes) {
      graph = settled
      fixesSize = true
    }
    // Missing and misshapen weights are told here.
    _ = try graph.binding(weights)
    func written(_ shapes: ExportedShapes) throws -> ONNXNodes {
      var nodes = ONNXNodes(graph, weights: weights, shapes: shapes, opset: opset)
      try nodes.write(outputs: names)
      return nodes
    }
    var shapes = try ExportedShapes(graph, inputs: inputShapes, fixesSize: fixesSize)
    let nodes: ONNXNodes
    do {
      nodes = try written(shapes)
    } catch is NeedsFixedSize {
      shapes = try ExportedShapes(graph, inputs: inputShapes, fixesSize: true)
      nodes = try written(shapes)
    }
    self.opset = opset
    self.inputs = zip(nodes.inputs, shapes.inputs).map { name, value in
      ONNXValueInfo(
        name: name, dtype: .float32, extents: shapes.extents(of: value, named: name, in: graph))
    }
    self.outputs = zip(nodes.outputs, names).compactMap { name, endpoint in
      graph.endpoints[endpoint].map { value in
        ONNXValueInfo(
          name: name, dtype: .float32, extents: shapes.extents(of: value, named: name, in: graph))
      }
    }
    self.nodes = nodes.nodes
    initializers = nodes.initializers
  }
}
