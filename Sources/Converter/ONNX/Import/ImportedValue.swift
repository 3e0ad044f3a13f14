import GraphIR

/// A value of an ONNX model while it is imported: known already, or computed when the network runs.
struct ImportedValue: Sendable {
  enum Content: Sendable {
    /// An initializer, a literal, a shape, or what follows from those.
    case known(Tensor)
    /// Made by the graph, as 32-bit floats whatever the element type is: whole numbers as they
    /// are, truth values as 0 and 1.
    case computed(Graph.Value)
  }

  let content: Content
  let shape: Shape
  /// The element type that the model gives it.
  let dtype: DType
  /// Whether it depends on no input, so that it is known before the network runs if not yet now.
  let isFixed: Bool

  /// A value that is known.
  init(_ tensor: Tensor) {
    content = .known(tensor)
    shape = tensor.shape
    dtype = tensor.dtype
    isFixed = true
  }

  /// A value that the graph makes.
  init(_ value: Graph.Value, shape: Shape, dtype: DType, isFixed: Bool = false) {
    content = .computed(value)
    self.shape = shape
    self.dtype = dtype
    self.isFixed = isFixed
  }

  /// The numbers, where they are known.
  var known: Tensor? { if case .known(let tensor) = content { tensor } else { nil } }

  var rank: Int { shape.count }

  /// The same under another element type; what is known keeps its bytes, so only for computed ones.
  func typed(_ dtype: DType) -> ImportedValue {
    guard case .computed(let value) = content else { return self }
    return ImportedValue(value, shape: shape, dtype: dtype, isFixed: isFixed)
  }
}
