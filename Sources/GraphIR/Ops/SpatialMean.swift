/// The mean over all pixels of each channel: `[batch, channels, height, width]` becomes
/// `[batch, channels]`.
///
/// Operands: image, and with a prologue its scale and shift, each `[channels]`.
public struct SpatialMean: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "spatialMean"
  /// Where not nil, the image is taken as `activation(image * scale + shift)`, channel by channel.
  public package(set) var prologue: Activation?

  package init(prologue: Activation? = nil) { self.prologue = prologue }

  /// An image, and two vectors with a prologue.
  public var operandCounts: ClosedRange<Int> { prologue == nil ? 1...1 : 3...3 }
  /// The prologue, if any.
  public var detail: String { prologue?.prologueDetail ?? "" }

  /// Names what stands in the order of a node's inputs.
  public func operands<Operand>(_ inputs: [Operand]) -> ImageOperands<Operand> {
    ImageOperands(inputs, prologue: prologue)
  }

  /// `[batch, channels]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let shapes = operands(inputs)
    let (batch, channels, size) = try shapes.image.image()
    try checkPrologue(shapes.prologue, channels: channels)
    guard size.height > 0, size.width > 0 else { throw .window(1, image: size) }
    return [batch, channels]
  }

  /// Carries the batch of its image; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

extension GraphBuilder {
  /// Averages each channel over all pixels.
  public mutating func spatialMean(_ image: Graph.Value, label: String) -> Graph.Value {
    add(.spatialMean(SpatialMean()), image, label: label)
  }
}
