/// Pixels added around an image; ONNX files may ask for more on one side than on the other.
public struct Padding: Hashable, Sendable, CustomStringConvertible {
  /// Rows above.
  public let top: Int
  /// Columns before.
  public let left: Int
  /// Rows below.
  public let bottom: Int
  /// Columns behind.
  public let right: Int

  /// No padding.
  public static let zero = Padding(0)

  /// Creates a padding from its four sides, none negative.
  public init(top: Int, left: Int, bottom: Int, right: Int) {
    precondition(top >= 0 && left >= 0 && bottom >= 0 && right >= 0)
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  /// Creates the same padding above as below, and before as behind.
  public init(_ size: Size2D) {
    self.init(top: size.height, left: size.width, bottom: size.height, right: size.width)
  }

  /// `rows×columns`, or all four sides where opposite ones differ.
  public var description: String {
    top == bottom && left == right
      ? "\(top)×\(left)" : "top \(top) left \(left) bottom \(bottom) right \(right)"
  }
}

/// How a window steps over an image: shared by convolutions and pooling.
public struct WindowGeometry: Hashable, Sendable {
  /// Pixels between neighbouring results.
  public let stride: Size2D
  /// Pixels added around the image.
  public let padding: Padding
  /// Pixels between neighbouring taps of the window.
  public let dilation: Size2D

  /// Creates a geometry; the defaults move one pixel a step, without padding.
  public init(stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1) {
    self.init(stride: stride, padding: Padding(padding), dilation: dilation)
  }

  /// Creates a geometry with a padding that may differ from side to side.
  public init(stride: Size2D = 1, padding: Padding, dilation: Size2D = 1) {
    precondition(stride.height > 0 && stride.width > 0)
    precondition(dilation.height > 0 && dilation.width > 0)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// `floor((extent + padding - dilation (window - 1) - 1) / stride) + 1` along both axes, with the
  /// padding of both sides.
  ///
  /// - Throws: `ShapeProblem` where not even one window fits, or where numbers are beyond counting.
  public func outputSize(image: Size2D, window: Size2D) throws(ShapeProblem) -> Size2D {
    try checkComputable()
    guard window.isComputable else { throw .window(window, image: image) }
    let rows =
      image.height + padding.top + padding.bottom - dilation.height * (window.height - 1) - 1
    let columns =
      image.width + padding.left + padding.right - dilation.width * (window.width - 1) - 1
    guard window.height > 0, window.width > 0, rows >= 0, columns >= 0 else {
      throw .window(window, image: image)
    }
    return Size2D(height: rows / stride.height + 1, width: columns / stride.width + 1)
  }

  /// Refuses numbers so large that arithmetic with them and with the extents of an image could
  /// overflow.
  func checkComputable() throws(ShapeProblem) {
    let sides = [
      Size2D(height: padding.top, width: padding.left),
      Size2D(height: padding.bottom, width: padding.right),
    ]
    for (name, sizes) in [("stride", [stride]), ("padding", sides), ("dilation", [dilation])] {
      for size in sizes where !size.isComputable {
        throw .attribute("the " + name, max(size.height, size.width))
      }
    }
  }

  var detail: String {
    var words = [String]()
    if stride != 1 { words.append("stride \(stride)") }
    if padding != .zero { words.append("padding \(padding)") }
    if dilation != 1 { words.append("dilation \(dilation)") }
    return words.joined(separator: " ")
  }
}

extension Size2D {
  /// Whether both extents are small enough for the product of two to be counted.
  var isComputable: Bool { height <= Shape.mostElements && width <= Shape.mostElements }
}
