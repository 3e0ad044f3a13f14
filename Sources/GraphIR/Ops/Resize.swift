/// Another image size by interpolation, as `torch.nn.functional.interpolate` without antialiasing.
///
/// An image `[batch, channels, height, width]`, and with the target `like` a second one, of which only
/// the size matters. Rows and columns are treated alike;
/// with `step` as `steps(image:result:)` gives it, row `y` of the result is taken
/// - nearest: from row `min(floor(y * step), height - 1)`;
/// - bilinear: between the rows around `max((y + 0.5) * step - 0.5, 0)`, or around `y * step` where
///   corners are aligned, the last row standing for those behind it.
///
/// All of this in 32-bit floats, which decides the row where a product is close to a whole number.
public struct Resize: OpAttributes, Hashable {
  /// How a value between pixels is found.
  public enum Filter: Hashable, Sendable {
    /// The pixel before, PyTorch's `nearest` (not `nearest-exact`).
    case nearest
    /// Weighted by distance along both axes; with aligned corners the centres of the corner pixels
    /// stay where they are, else their outer edges do.
    case bilinear(alignsCorners: Bool)
  }

  /// How large the result is.
  public enum Target: Hashable, Sendable {
    /// So many rows and columns.
    case size(Size2D)
    /// `floor(extent * scale)`; the scale itself, not the ratio of the sizes, places the pixels.
    case scale(height: Double, width: Double)
    /// `floor(extent / divisor)` of the second operand's rows and columns.
    case like(divisor: Int)
  }

  /// The op's name in dumps and messages.
  public static let name = "resize"
  /// How a value between pixels is found.
  public let filter: Filter
  /// How large the result is.
  public let target: Target

  package init(_ filter: Filter, to target: Target) {
    (self.filter, self.target) = (filter, target)
  }

  /// An image, and with `like` the one whose size is taken.
  public var operandCounts: ClosedRange<Int> {
    if case .like = target { 2...2 } else { 1...1 }
  }

  /// Filter and target.
  public var detail: String {
    switch filter {
    case .nearest: "nearest \(target)"
    case .bilinear(let alignsCorners):
      "bilinear \(target)" + (alignsCorners ? " aligned corners" : "")
    }
  }

  /// `[batch, channels, outHeight, outWidth]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (batch, channels, size) = try inputs[0].image()
    // The last operand is the image itself, unless another one gives the size.
    let model = try inputs[inputs.count - 1].image().size
    guard size.height > 0, size.width > 0, let result = target.size(for: model) else {
      throw .resize(size, to: "\(target)")
    }
    return [batch, channels, result.height, result.width]
  }

  /// Rows and columns of the image for one of the result, as PyTorch computes them.
  ///
  /// - Parameters:
  ///   - image: the size of the operand.
  ///   - result: the size of the result.
  /// - Returns: a quotient of extents, the reciprocal of a given scale, or with aligned corners the
  ///   quotient of the distances between corner pixels, 0 where the result has but one. A bilinear
  ///   filter leaves an axis alone that keeps its extent, whatever its scale is.
  public func steps(image: Size2D, result: Size2D) -> (rows: Float, columns: Float) {
    let scale: (height: Double, width: Double)? =
      if case .scale(let height, let width) = target { (height, width) } else { nil }
    return (
      step(image.height, result.height, scale: scale?.height),
      step(image.width, result.width, scale: scale?.width)
    )
  }

  private func step(_ extent: Int, _ result: Int, scale: Double?) -> Float {
    switch filter {
    case .bilinear(alignsCorners: true):
      result > 1 ? Float(extent - 1) / Float(result - 1) : 0
    case .bilinear(alignsCorners: false) where extent == result: 1
    case .bilinear, .nearest: scale.map { Float(1 / $0) } ?? Float(extent) / Float(result)
    }
  }

  /// Carries the batch of its image; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands[0].hasBatch
  }
}

extension Resize.Target: CustomStringConvertible {
  /// `to 4×5`, `by 2.0×1.5` or `to the size of another`.
  public var description: String {
    switch self {
    case .size(let size): "to \(size)"
    case .scale(let height, let width): "by \(height)×\(width)"
    case .like(1): "to the size of another"
    case .like(let divisor): "to the size of another divided by \(divisor)"
    }
  }

  /// The size of the result, or nil where it would be empty or beyond counting; `image` is the
  /// operand that decides.
  fileprivate func size(for image: Size2D) -> Size2D? {
    switch self {
    case .size(let size):
      return size.height > 0 && size.width > 0 ? size : nil
    case .scale(let height, let width):
      let (rows, columns) = (Double(image.height) * height, Double(image.width) * width)
      // Not a number fails every comparison.
      guard rows >= 1, columns >= 1, rows <= Double(Shape.mostElements),
        columns <= Double(Shape.mostElements)
      else { return nil }
      return Size2D(height: Int(rows), width: Int(columns))
    case .like(let divisor):
      let size = Size2D(height: image.height / divisor, width: image.width / divisor)
      return size.height > 0 && size.width > 0 ? size : nil
    }
  }
}

extension GraphBuilder {
  /// Resizes images by interpolation.
  public mutating func resize(
    _ image: Graph.Value, _ filter: Resize.Filter, to target: Resize.Target, label: String
  ) -> Graph.Value {
    add(.resize(Resize(filter, to: target)), image, label: label)
  }

  /// Resizes images to the height and width of another value, divided by `divisor` and rounded down.
  public mutating func resize(
    _ image: Graph.Value, _ filter: Resize.Filter, like other: Graph.Value, divisor: Int = 1,
    label: String
  ) -> Graph.Value {
    precondition(divisor > 0, "a divisor is positive")
    return add(.resize(Resize(filter, to: .like(divisor: divisor))), image, other, label: label)
  }
}
