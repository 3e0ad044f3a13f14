/// The mean over the cells of a grid laid over an image, as the pyramid of PSPNet takes it.
///
/// One operand, an image `[batch, channels, height, width]`. Windows are `floor(height / parts)` by
/// `floor(width / parts)` pixels and do not overlap; where an extent is no multiple of `parts`, as
/// many windows more as fit are taken, and the rest of the pixels dropped. (PyTorch's adaptive
/// pooling differs: there are always `parts` windows, which may overlap.) The runtime has no kernel
/// for it: where the size is known, `SettleSizes` makes a `Pooling` of it.
public struct GridPooling: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "gridPooling"
  /// How often a window goes into the image along either axis.
  public let parts: Int

  package init(parts: Int) {
    precondition(parts > 0, "a grid has cells")
    self.parts = parts
  }

  /// One operand, an image.
  public var operandCounts: ClosedRange<Int> { 1...1 }

  /// The number of parts.
  public var detail: String { "\(parts)×\(parts)" }

  /// The window for an image of that size; nil where the image has fewer pixels than parts.
  func window(for image: Size2D) -> Size2D? {
    guard image.height >= parts, image.width >= parts else { return nil }
    return Size2D(height: image.height / parts, width: image.width / parts)
  }

  /// `[batch, channels, height / window, width / window]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (batch, channels, size) = try inputs[0].image()
    guard let window = window(for: size) else { throw .grid(size, parts: parts) }
    return [batch, channels, size.height / window.height, size.width / window.width]
  }

  /// Carries the batch of its image.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

extension GraphBuilder {
  /// Takes means over windows of a `parts`-th of the image's height and width.
  public mutating func gridPooling(
    _ image: Graph.Value, parts: Int, label: String
  ) -> Graph.Value {
    add(.gridPooling(GridPooling(parts: parts)), image, label: label)
  }
}
