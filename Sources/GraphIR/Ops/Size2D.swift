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

extension Shape {
  /// The extents of an image batch `[batch, channels, height, width]`.
  func image() throws(ShapeProblem) -> (batch: Int, channels: Int, size: Size2D) {
    guard count == 4 else { throw .rank(self, expected: 4) }
    return (self[0], self[1], Size2D(height: self[2], width: self[3]))
  }
}
