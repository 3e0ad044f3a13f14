/// An image that is drawn on: `height` rows of `width` pixels of red, green and blue.
///
/// What is drawn beyond the edges is cut off.
package struct Canvas: Sendable {
  /// Pixels in a row.
  package let width: Int
  /// Rows.
  package let height: Int
  /// Three bytes a pixel, the top row first.
  package private(set) var pixels: [UInt8]

  /// Makes an image of one colour.
  package init(width: Int, height: Int, _ color: RGBColor = .black) {
    precondition(width > 0 && height > 0)
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      count = width * height * 3
      for pixel in 0..<width * height {
        buffer[pixel * 3] = color.red
        buffer[pixel * 3 + 1] = color.green
        buffer[pixel * 3 + 2] = color.blue
      }
    }
  }

  /// A pixel of the image.
  package subscript(x: Int, y: Int) -> RGBColor {
    get {
      let start = start(x, y)
      return RGBColor(pixels[start], pixels[start + 1], pixels[start + 2])
    }
    set {
      let start = start(x, y)
      pixels[start] = newValue.red
      pixels[start + 1] = newValue.green
      pixels[start + 2] = newValue.blue
    }
  }

  private func start(_ x: Int, _ y: Int) -> Int {
    precondition(x >= 0 && x < width && y >= 0 && y < height)
    return (y * width + x) * 3
  }

  /// Lays a colour over a pixel.
  package mutating func blend(_ color: RGBColor, opacity: UInt8, x: Int, y: Int) {
    self[x, y] = self[x, y].under(color, opacity: opacity)
  }

  /// Fills a rectangle.
  package mutating func fill(_ color: RGBColor, x: Int, y: Int, width: Int, height: Int) {
    for row in max(y, 0)..<max(max(y, 0), min(y + height, self.height)) {
      for column in max(x, 0)..<max(max(x, 0), min(x + width, self.width)) {
        self[column, row] = color
      }
    }
  }

  /// Draws values from -1024, black, to 1024, white, each as a square.
  ///
  /// - Parameters:
  ///   - plane: the values.
  ///   - x: the left edge.
  ///   - y: the top edge.
  ///   - scale: the side of a value's square.
  package mutating func draw(_ plane: Plane, x: Int = 0, y: Int = 0, scale: Int = 1) {
    for row in 0..<plane.height {
      for column in 0..<plane.width {
        let value = plane.values[row * plane.width + column]
        let level = ((value / XRayScale.limit + 1) * 127.5).rounded()
        fill(
          RGBColor(gray: UInt8(min(max(level, 0), 255))), x: x + column * scale,
          y: y + row * scale, width: scale, height: scale)
      }
    }
  }

  /// Writes a line of text.
  ///
  /// - Parameters:
  ///   - text: what has no letter in the font becomes a frame.
  ///   - x: the left edge.
  ///   - y: the top of the capitals.
  ///   - color: of the letters; what is between them stays.
  ///   - scale: the side of a dot.
  package mutating func write(
    _ text: String, x: Int, y: Int, _ color: RGBColor = .white, scale: Int = 1
  ) {
    for (index, character) in text.enumerated() {
      for (row, dots) in BitmapFont.standard.rows(of: character).enumerated() {
        for column in 0..<BitmapFont.width where dots >> (BitmapFont.width - 1 - column) & 1 == 1 {
          fill(
            color, x: x + (index * BitmapFont.advance + column) * scale, y: y + row * scale,
            width: scale, height: scale)
        }
      }
    }
  }
}
