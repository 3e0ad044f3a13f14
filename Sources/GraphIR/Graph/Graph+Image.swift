extension Graph {
  /// Whether this graph, built for one image, does to it what another, built for a batch, does to
  /// each of its images: node by node the same, but for the batch's extent where shapes are named.
  ///
  /// A batch's extent may be more than a shape: whoever divides by it computes other numbers for
  /// one image alone. Meant for graphs of which `isIndependentAlongBatch(shapes:)` holds.
  ///
  /// - Parameter whole: the graph for the batch.
  /// - Returns: false where in doubt.
  public func isImage(of whole: Graph) -> Bool {
    nodes.count == whole.nodes.count && endpoints == whole.endpoints
      && zip(nodes, whole.nodes).allSatisfy { $0.inputs == $1.inputs && $0.op.isImage(of: $1.op) }
  }
}

extension Op {
  /// Whether the op does to an image what another does to each of a batch.
  fileprivate func isImage(of whole: Op) -> Bool {
    switch (self, whole) {
    case (.input(let image), .input(let batch)): image.name == batch.name
    case (.constant(let image), .constant(let batch)): image.tensor.isIdentical(to: batch.tensor)
    case (.reshape(let image), .reshape(let batch)):
      image.shape.dropFirst().elementsEqual(batch.shape.dropFirst())
    case (.broadcast(let image), .broadcast(let batch)):
      image.shape.dropFirst().elementsEqual(batch.shape.dropFirst())
    case (.slicing(let image), .slicing(let batch)):
      image.starts == batch.starts && image.steps == batch.steps
        && image.extents.dropFirst().elementsEqual(batch.extents.dropFirst())
    default:
      attributes.isEqual(to: whole.attributes)
    }
  }
}

extension OpAttributes {
  fileprivate func isEqual(to other: any OpAttributes) -> Bool {
    guard let own = self as? any Hashable, let other = other as? any Hashable else { return false }
    return AnyHashable(own) == AnyHashable(other)
  }
}

extension Tensor {
  /// Whether type, shape and bytes are the same.
  fileprivate func isIdentical(to other: Tensor) -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    return withUnsafeBytes { own in
      other.withUnsafeBytes { other in
        // The weights of two graphs of one model are the same memory.
        own.baseAddress == other.baseAddress || own.elementsEqual(other)
      }
    }
  }
}
