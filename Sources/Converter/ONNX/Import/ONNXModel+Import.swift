import GraphIR

/// An ONNX model as a graph of ours, for inputs of certain shapes.
public struct ImportedModel: Sendable {
  /// What a caller gets.
  public struct Output: Sendable {
    /// The name in the model, and of the graph's endpoint.
    public let name: String
    /// The element type that the model gives it; the graph makes 32-bit floats in any case.
    public let dtype: DType
    /// The extents.
    public let shape: Shape
    /// The numbers, where they depend on shapes alone: then the graph has no such endpoint.
    public let known: Tensor?
  }

  /// Inputs, nodes and constants; an endpoint for every output that is not known.
  public let graph: Graph
  /// The outputs in the model's order.
  public let outputs: [Output]
}

extension ONNXModel {
  /// The nodes, at the top and in branches, whose ops are not to be had in any form.
  public var unsupportedNodes: [ONNXError.Place] {
    var places = [ONNXError.Place]()
    func search(_ graph: ONNXGraph) {
      for node in graph.nodes {
        if !ONNXImporter.knows(node.op) {
          places.append(ONNXError.Place(node, opset: opset))
        }
        for case .graph(let branch) in node.attributes.values { search(branch) }
      }
    }
    search(graph)
    return places
  }

  /// Builds the graph for inputs of these shapes.
  ///
  /// - Parameters:
  ///   - file: the model's file, for messages.
  ///   - shapes: the shape of every input, by name.
  ///   - values: the numbers of inputs on which shapes depend; see `ONNXProblem.needsValue`.
  /// - Returns: a graph with an endpoint for each output that is not known beforehand.
  /// - Throws: `ONNXError`, naming the node at fault; `.needsValue` where the numbers of an input
  ///   are needed too; `.unsupportedNodes` with all of them at once.
  public func imported(
    file: String, shapes: [String: Shape], values: [String: Tensor] = [:]
  ) throws(ONNXError) -> ImportedModel {
    let unsupported = unsupportedNodes
    guard unsupported.isEmpty else {
      throw ONNXError(file: file, problem: .unsupportedNodes(unsupported))
    }
    var importer = ONNXImporter(opset: opset, constantBytes: graph.constantBytes)
    for (name, tensor) in graph.initializers { importer.define(name, ImportedValue(tensor)) }
    do throws(ONNXProblem) {
      for input in graph.inputs { try importer.declare(input, shapes, values) }
    } catch {
      throw ONNXError(file: file, problem: error)
    }
    do throws(ONNXNodeError) {
      try importer.run(graph.nodes)
    } catch {
      throw ONNXError(
        file: file, node: ONNXError.Place(error.node, opset: opset), problem: error.problem)
    }
    do throws(ONNXProblem) {
      return try importer.finish(graph.outputs)
    } catch {
      throw ONNXError(file: file, problem: error)
    }
  }
}

extension ONNXGraph {
  /// The bytes of all tensors that the model brings.
  fileprivate var constantBytes: Int {
    var sizes = initializers.values.map(\.byteCount)
    for node in nodes {
      for attribute in node.attributes.values {
        switch attribute {
        case .tensor(let tensor): sizes.append(tensor.byteCount)
        case .graph(let branch): sizes.append(branch.constantBytes)
        default: continue
        }
      }
    }
    // Many tensors may name the same bytes of another file.
    return sizes.reduce(0) { sum, size in
      let (total, overflow) = sum.addingReportingOverflow(size)
      return overflow ? .max : total
    }
  }
}

extension ONNXImporter {
  fileprivate mutating func declare(
    _ input: ONNXValueInfo, _ shapes: [String: Shape], _ values: [String: Tensor]
  ) throws(ONNXProblem) {
    guard let shape = values[input.name]?.shape ?? shapes[input.name] else {
      throw .shape(.missingInput(input.name))
    }
    if let extents = input.extents {
      let fits =
        extents.count == shape.count
        && zip(extents, shape).allSatisfy { extent, found in
          if case .fixed(let needed) = extent { needed == found } else { true }
        }
      guard fits else { throw .input(input.name, found: shape, needed: extents.text) }
    }
    guard shape.isComputable else { throw .shape(.tooLarge(shape)) }
    if let tensor = values[input.name] {
      define(input.name, ImportedValue(tensor))
    } else {
      self.input(input.name, shape: shape, dtype: input.dtype ?? .float32)
    }
  }

  fileprivate consuming func finish(
    _ outputs: [ONNXValueInfo]
  ) throws(ONNXProblem) -> ImportedModel {
    var results = [ImportedModel.Output]()
    for output in outputs {
      let value = try value(named: output.name)
      if case .computed(let made) = value.content { builder.endpoint(output.name, made) }
      results.append(
        .init(
          name: output.name, dtype: value.dtype, shape: value.shape, known: value.known))
    }
    do throws(GraphError) {
      return ImportedModel(graph: try builder.build(), outputs: results)
    } catch {
      // The builder has checked each node as it came.
      throw .graph("\(error)")
    }
  }
}

extension ONNXValueInfo {
  /// The shape as far as the model fixes it; nil where it leaves more than the batch open.
  ///
  /// The first extent counts as 1 where it is open, as the batch is.
  public var fixedShape: Shape? {
    guard let extents else { return nil }
    var fixed = [Int]()
    for (axis, extent) in extents.enumerated() {
      switch extent {
      case .fixed(let extent): fixed.append(extent)
      case .named, .unknown:
        guard axis == 0 else { return nil }
        fixed.append(1)
      }
    }
    return Shape(fixed)
  }
}

extension [ONNXValueInfo.Extent] {
  /// The extents for people, such as `batch×3×224×224`.
  public var text: String {
    isEmpty
      ? "scalar"
      : map {
        switch $0 {
        case .fixed(let extent): String(extent)
        case .named(let name): name
        case .unknown: "?"
        }
      }.joined(separator: "×")
  }
}
