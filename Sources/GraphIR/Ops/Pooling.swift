/// The maximum or the mean over a moving window, as `torch.nn.MaxPool2d` and `AvgPool2d`.
///
/// Operands: image `[batch, channels, height, width]`, and with a prologue its scale and shift,
/// each `[channels]`. Padding is put in behind the prologue: it never wins a maximum, and a mean
/// over a window counts padded pixels as zeros, as PyTorch's default does. Partial windows at the
/// end are dropped.
public struct Pooling: OpAttributes, Hashable {
  /// What is taken of the window.
  public enum Kind: String, Hashable, Sendable {
    case maximum
    case average
  }

  /// The op's name in dumps and messages.
  public static let name = "pooling"
  /// Maximum or average.
  public let kind: Kind
  /// The window.
  public let window: Size2D
  /// Stride, padding and dilation.
  public let geometry: WindowGeometry
  /// Where not nil, the image is taken as `activation(image * scale + shift)`, channel by channel.
  public package(set) var prologue: Activation?

  package init(
    kind: Kind, window: Size2D, geometry: WindowGeometry, prologue: Activation? = nil
  ) {
    // PyTorch refuses it too: a window could lie wholly in the padding.
    let padding = geometry.padding
    precondition(max(padding.top, padding.bottom) <= window.height / 2)
    precondition(max(padding.left, padding.right) <= window.width / 2)
    self.kind = kind
    self.window = window
    self.geometry = geometry
    self.prologue = prologue
  }

  /// An image, and two vectors with a prologue.
  public var operandCounts: ClosedRange<Int> { prologue == nil ? 1...1 : 3...3 }

  /// Kind, window, geometry and prologue.
  public var detail: String {
    ["\(kind.rawValue) \(window)", geometry.detail, prologue?.prologueDetail ?? ""]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// Names what stands in the order of a node's inputs.
  public func operands<Operand>(_ inputs: [Operand]) -> ImageOperands<Operand> {
    ImageOperands(inputs, prologue: prologue)
  }

  /// `[batch, channels, outHeight, outWidth]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let shapes = operands(inputs)
    let (batch, channels, size) = try shapes.image.image()
    try checkPrologue(shapes.prologue, channels: channels)
    let output = try geometry.outputSize(image: size, window: window)
    return [batch, channels, output.height, output.width]
  }

  /// Carries the batch of its image; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

extension GraphBuilder {
  /// Adds a pooling over a moving window; no side's padding may exceed half the window.
  public mutating func pooling(
    _ kind: Pooling.Kind, _ image: Graph.Value, window: Size2D,
    _ geometry: WindowGeometry, label: String
  ) -> Graph.Value {
    add(.pooling(Pooling(kind: kind, window: window, geometry: geometry)), image, label: label)
  }
}
