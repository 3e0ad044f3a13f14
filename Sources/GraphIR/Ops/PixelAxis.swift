/// An image's rows one behind the other, as matrices of pixels want them, or rows made of that
/// again.
///
/// Joined: one operand `[batch, channels, height, width]` becomes `[batch, channels, height * width]`.
/// Split: an operand `[batch, channels, pixels]` and an image, of which only the size matters; the
/// result is `[batch, channels, height, width]`. The runtime has no kernel for it: where the size is
/// known, `SettleSizes` makes a `Reshape` of it.
public struct PixelAxis: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "pixelAxis"
  /// Whether rows become one, and not one many.
  public let isJoined: Bool

  init(isJoined: Bool) { self.isJoined = isJoined }

  /// An image; or pixels and the image whose size is taken.
  public var operandCounts: ClosedRange<Int> { isJoined ? 1...1 : 2...2 }
  /// What becomes of the axes.
  public var detail: String { isJoined ? "joined" : "split" }

  /// `[batch, channels, height * width]` or `[batch, channels, height, width]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (batch, channels, size) = try inputs[inputs.count - 1].image()
    let (pixels, overflow) = size.height.multipliedReportingOverflow(by: size.width)
    guard !overflow else { throw .tooLarge(inputs[inputs.count - 1]) }
    if isJoined { return [batch, channels, pixels] }
    guard inputs[0].count == 3 else { throw .rank(inputs[0], expected: 3) }
    guard inputs[0][2] == pixels else {
      throw .extent(of: "the number of pixels", inputs[0][2], expected: pixels)
    }
    return [inputs[0][0], inputs[0][1], size.height, size.width]
  }

  /// Carries the batch of its first operand.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands[0].hasBatch
  }
}

extension GraphBuilder {
  /// Puts the rows of an image one behind the other.
  public mutating func joinedRows(_ image: Graph.Value, label: String) -> Graph.Value {
    add(.pixelAxis(PixelAxis(isJoined: true)), image, label: label)
  }

  /// Makes rows as long as another image's of `[batch, channels, pixels]`.
  public mutating func rows(
    of pixels: Graph.Value, like image: Graph.Value, label: String
  ) -> Graph.Value {
    add(.pixelAxis(PixelAxis(isJoined: false)), pixels, image, label: label)
  }
}
