/// One channel of values, `height` rows of `width`: what the preprocessing steps take and give.
package struct Plane: Sendable, Equatable {
  /// Values in a row.
  package let width: Int
  /// Rows.
  package let height: Int
  /// The values, row by row from the top.
  package let values: [Float]

  /// Views values as rows.
  package init(width: Int, height: Int, values: [Float]) {
    precondition(width > 0 && height > 0 && values.count == width * height)
    self.width = width
    self.height = height
    self.values = values
  }

  /// Fills a new plane in place.
  init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    let count = width * height
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
    self.init(width: width, height: height, values: values)
  }
}
