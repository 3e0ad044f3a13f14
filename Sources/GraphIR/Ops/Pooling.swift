/// The maximum or the mean over a moving window, as `torch.nn.MaxPool2d` and `AvgPool2d`.
///
/// Padding never wins a maximum; a mean over a window counts padded pixels as zeros, as PyTorch's
/// default does. Partial windows at the end are dropped.
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
  /// One operand, an image.
  public var operandCounts: ClosedRange<Int> { 1...1 }
  /// Kind, window and geometry.
  public var detail: String { "\(kind.rawValue) \(window) \(geometry.detail)" }

  /// `[batch, channels, outHeight, outWidth]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (batch, channels, size) = try inputs[0].image()
    let output = try geometry.outputSize(image: size, window: window)
    return [batch, channels, output.height, output.width]
  }
}

/// The mean over all pixels of each channel: `[batch, channels, height, width]` becomes
/// `[batch, channels]`.
public struct SpatialMean: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "spatialMean"
  /// One operand, an image.
  public var operandCounts: ClosedRange<Int> { 1...1 }

  /// `[batch, channels]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (batch, channels, size) = try inputs[0].image()
    guard size.height > 0, size.width > 0 else { throw .window(1, image: size) }
    return [batch, channels]
  }
}

extension GraphBuilder {
  /// Adds a pooling over a moving window.
  public mutating func pooling(
    _ kind: Pooling.Kind, _ image: Graph.Value, window: Size2D,
    _ geometry: WindowGeometry, label: String
  ) -> Graph.Value {
    // PyTorch refuses it too: a window could lie wholly in the padding.
    precondition(geometry.padding.height * 2 <= window.height)
    precondition(geometry.padding.width * 2 <= window.width)
    return add(
      .pooling(Pooling(kind: kind, window: window, geometry: geometry)), image, label: label)
  }

  /// Averages each channel over all pixels.
  public mutating func spatialMean(_ image: Graph.Value, label: String) -> Graph.Value {
    add(.spatialMean(SpatialMean()), image, label: label)
  }
}
