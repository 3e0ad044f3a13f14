/// Replaces sizes that follow from other maps by numbers: a resize to the size of another map, the
/// windows of a grid, and the number of an image's pixels.
///
/// The result is right for inputs of these shapes alone; the runtime and ONNX know no other form.
public struct SettleSizes: Pass {
  /// The pass' name in messages.
  public let name = "settle sizes"

  /// Creates the pass.
  public init() {}

  /// Replaces an op whose attributes follow from the shapes of its operands.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    let node = view[value]
    guard let image = node.inputs.first else { return nil }
    switch node.op {
    case .resize(let resize):
      guard case .like = resize.target, let result = view.shape(of: value), result.count == 4
      else { return nil }
      let size = Size2D(height: result[2], width: result[3])
      return Patch(in: view) { builder in
        builder.resize(image, resize.filter, to: .size(size), label: node.label)
      }
    case .gridPooling(let pooling):
      guard let shape = view.shape(of: image), shape.count == 4,
        let window = pooling.window(for: Size2D(height: shape[2], width: shape[3]))
      else { return nil }
      return Patch(in: view) { builder in
        builder.pooling(
          .average, image, window: window, WindowGeometry(stride: window), label: node.label)
      }
    case .pixelAxis:
      guard let shape = view.shape(of: value) else { return nil }
      return Patch(in: view) { builder in
        builder.reshape(image, to: shape, label: node.label)
      }
    default: return nil
    }
  }
}

extension Graph {
  /// The graph for inputs of these shapes, with all sizes as numbers, or nil where none follows from
  /// another.
  ///
  /// - Throws: `GraphError` where the shapes do not fit.
  package func settled(inputs: [String: Shape]) throws(GraphError) -> Graph? {
    try swept(by: SettleSizes(), inputs: inputs)
  }
}
