import GraphIR

/// The shapes of a graph's values, and which of their extents a caller may choose.
struct ExportedShapes {
  /// Every value's shape for one image of the size that was given, by index.
  let shapes: [Shape]
  /// The values of the inputs, in order of appearance.
  let inputs: [Graph.Value]
  /// Whether each value has an open batch as its first axis.
  let hasBatch: [Bool]
  /// The same shapes for images of other sizes; none where the size is fixed.
  private let elsewhere: [[Shape]]

  /// Pixels that are added to height and width to see whether the network takes other sizes:
  /// multiples of 32, by which encoders divide, and an oblong.
  private static let probes = [(32, 32), (64, 0), (0, 96)]

  init(_ graph: Graph, inputs given: [String: Shape], fixesSize: Bool) throws(GraphError) {
    var single = given
    for input in graph.inputs where input.channels != nil {
      if let shape = given[input.name], !shape.isEmpty {
        single[input.name] = Shape([1] + shape.dimensions.dropFirst())
      }
    }
    let shapes = try graph.shapes(inputs: single)
    self.shapes = shapes
    inputs = graph.values.filter { if case .input = graph[$0].op { true } else { false } }
    // Values without elements are written as constants.
    let isBatchOpen =
      graph.isIndependentAlongBatch(shapes: shapes)
      && !shapes.contains { $0.contains(0) }
    var hasBatch = [Bool]()
    for node in graph.nodes {
      if case .input = node.op {
        hasBatch.append(isBatchOpen)
      } else {
        hasBatch.append(node.inputs.contains { hasBatch[$0.index] })
      }
    }
    self.hasBatch = hasBatch
    elsewhere = fixesSize ? [] : Self.elsewhere(graph, single)
  }

  private static func elsewhere(_ graph: Graph, _ single: [String: Shape]) -> [[Shape]] {
    guard graph.inputs.allSatisfy({ $0.channels != nil }) else { return [] }
    var result = [[Shape]]()
    for (rows, columns) in probes {
      let other = single.mapValues { [$0[0], $0[1], $0[2] + rows, $0[3] + columns] as Shape }
      guard let shapes = try? graph.shapes(inputs: other) else { return [] }
      result.append(shapes)
    }
    return result
  }

  /// An extent that is the same for all images.
  func fixedExtent(of value: Graph.Value, axis: Int) throws(NeedsFixedSize) -> Int {
    guard !isOpen(value, axis) else { throw NeedsFixedSize() }
    return shapes[value.index][axis]
  }

  /// Whether a value never has any elements.
  func isEmpty(_ value: Graph.Value) -> Bool {
    let shape = shapes[value.index]
    return shape.contains(0) && elsewhere.allSatisfy { $0[value.index] == shape }
  }

  private func isOpen(_ value: Graph.Value, _ axis: Int) -> Bool {
    elsewhere.contains { $0[value.index][axis] != shapes[value.index][axis] }
  }

  /// The extents of an input or output, the open ones by name.
  ///
  /// Height and width of an image input have just these names, other extents that of the value
  /// before them: two extents of one name would have to be equal.
  func extents(of value: Graph.Value, named name: String, in graph: Graph) -> [ONNXValueInfo.Extent]
  {
    let isImage = inputs == [value]
    let axes = [2: "height", 3: "width"]
    return shapes[value.index].enumerated().map { axis, extent in
      if axis == 0, hasBatch[value.index] { return .named("batch") }
      guard isOpen(value, axis) else { return .fixed(extent) }
      let axisName = axes[axis] ?? "axis\(axis)"
      return .named(isImage ? axisName : "\(name)_\(axisName)")
    }
  }
}
