/// A height and a width, of a window, a step or an image; an integer literal is a square.
public struct Size2D: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// Creates a size from rows and columns.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Creates a square.
  public init(integerLiteral side: Int) { self.init(height: side, width: side) }

  /// `height×width`.
  public var description: String { "\(height)×\(width)" }
}

/// How a window steps over an image: shared by convolution and pooling.
public struct WindowGeometry: Hashable, Sendable {
  /// Pixels between neighbouring results.
  public let stride: Size2D
  /// Pixels added on every side.
  public let padding: Size2D
  /// Pixels between neighbouring taps of the window.
  public let dilation: Size2D

  /// Creates a geometry; the defaults move one pixel a step, without padding.
  public init(stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1) {
    precondition(stride.height > 0 && stride.width > 0)
    precondition(dilation.height > 0 && dilation.width > 0)
    precondition(padding.height >= 0 && padding.width >= 0)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// `floor((extent + 2 padding - dilation (window - 1) - 1) / stride) + 1` along both axes.
  ///
  /// - Throws: `ShapeProblem.window` where not even one window fits.
  public func outputSize(image: Size2D, window: Size2D) throws(ShapeProblem) -> Size2D {
    let rows = image.height + 2 * padding.height - dilation.height * (window.height - 1) - 1
    let columns = image.width + 2 * padding.width - dilation.width * (window.width - 1) - 1
    guard window.height > 0, window.width > 0, rows >= 0, columns >= 0 else {
      throw .window(window, image: image)
    }
    return Size2D(height: rows / stride.height + 1, width: columns / stride.width + 1)
  }

  var detail: String {
    var words = [String]()
    if stride != 1 { words.append("stride \(stride)") }
    if padding != 0 { words.append("padding \(padding)") }
    if dilation != 1 { words.append("dilation \(dilation)") }
    return words.joined(separator: " ")
  }
}

extension Shape {
  /// The extents of an image batch `[batch, channels, height, width]`.
  func image() throws(ShapeProblem) -> (batch: Int, channels: Int, size: Size2D) {
    guard count == 4 else { throw .rank(self, expected: 4) }
    return (self[0], self[1], Size2D(height: self[2], width: self[3]))
  }
}
