/// The largest square in the middle of an image.
///
/// Follows `torchxrayvision.datasets.XRayCenterCrop`, its rounding included: with an odd side the
/// square lies where the halves rounded down put it.
public struct SquareCrop: Sendable, Hashable {
  /// The column of the image that is the square's first.
  public let left: Int
  /// The row of the image that is the square's first.
  public let top: Int
  /// Columns and rows of the square.
  public let side: Int

  /// Finds the square of an image of a size.
  public init(width: Int, height: Int) {
    side = min(width, height)
    left = width / 2 - side / 2
    top = height / 2 - side / 2
  }
}

/// Cuts the largest square out of the middle.
package func centerCrop(_ plane: Plane) -> Plane {
  if plane.width == plane.height { return plane }
  let crop = SquareCrop(width: plane.width, height: plane.height)
  return Plane(width: crop.side, height: crop.side) { output in
    plane.values.withUnsafeBufferPointer { values in
      for y in 0..<crop.side {
        let from = (crop.top + y) * plane.width + crop.left
        for x in 0..<crop.side { output[y * crop.side + x] = values[from + x] }
      }
    }
  }
}
