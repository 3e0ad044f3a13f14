import Foundation
import Imaging

/// Which pixels of an image belong to something: a bit a pixel.
public struct Mask: Sendable, Hashable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Each row begins with a word of its own, whose lowest bit is the leftmost pixel; bits beyond
  /// the row are 0.
  private var words: [UInt64]
  private let wordsPerRow: Int

  /// Asks for every pixel whether it belongs, row by row from the top.
  ///
  /// - Parameters:
  ///   - width: pixels in a row, at least 1.
  ///   - height: rows, at least 1.
  ///   - contains: gets a column and a row.
  public init(width: Int, height: Int, _ contains: (_ x: Int, _ y: Int) throws -> Bool) rethrows {
    self.init(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width where try contains(x, y) { insert(x, row: y) }
    }
  }

  private init(width: Int, height: Int) {
    precondition(width > 0 && height > 0)
    self.width = width
    self.height = height
    wordsPerRow = (width + 63) / 64
    words = Array(repeating: 0, count: wordsPerRow * height)
  }

  private mutating func insert(_ x: Int, row: Int) {
    words[row * wordsPerRow + x / 64] |= 1 << UInt64(x % 64)
  }

  /// The pixels whose value is above 0.
  ///
  /// - Parameters:
  ///   - width: pixels in a row.
  ///   - height: rows.
  ///   - values: `height` rows of `width`.
  init(width: Int, height: Int, positive values: UnsafeBufferPointer<Float>) {
    precondition(values.count == width * height)
    self.init(width: width, height: height)
    for y in 0..<height {
      for word in 0..<wordsPerRow {
        let first = y * width + word * 64
        var bits: UInt64 = 0
        for bit in 0..<min(64, width - word * 64) where values[first + bit] > 0 {
          bits |= 1 << UInt64(bit)
        }
        words[y * wordsPerRow + word] = bits
      }
    }
  }

  /// Whether a pixel belongs; none beyond the edges does.
  public subscript(x: Int, y: Int) -> Bool {
    guard x >= 0, x < width, y >= 0, y < height else { return false }
    return words[y * wordsPerRow + x / 64] >> UInt64(x % 64) & 1 == 1
  }

  /// How many pixels belong.
  public var areaPixels: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Visits each stretch of neighbouring pixels of a row, from the top and from the left.
  func forEachRun(_ body: (_ row: Int, _ columns: Range<Int>) -> Void) {
    for y in 0..<height {
      let row = words[y * wordsPerRow..<(y + 1) * wordsPerRow]
      var start: Int?
      for (index, word) in row.enumerated() {
        // The bits that differ from the pixel before them are where stretches begin and end.
        var changes = word ^ (word << 1 | (start == nil ? 0 : 1))
        while changes != 0 {
          let column = index * 64 + changes.trailingZeroBitCount
          changes &= changes - 1
          if let first = start {
            body(y, first..<column)
            start = nil
          } else {
            start = column
          }
        }
      }
      if let start { body(y, start..<width) }
    }
  }

  /// One byte a pixel: 255 for those that belong, 0 for the others.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: width * height)
    forEachRun { y, columns in
      for x in columns { bytes[y * width + x] = 255 }
    }
    return bytes
  }

  /// The mask of a square, spread over the image that the square was cut from: each of its pixels
  /// takes the nearest pixel of the mask, and none outside the square belongs.
  ///
  /// - Parameters:
  ///   - crop: the square.
  ///   - width: pixels in a row of the image.
  ///   - height: rows of the image.
  /// - Returns: a mask of the image's size.
  package func placed(at crop: SquareCrop, width: Int, height: Int) -> Mask {
    var image = Mask(width: width, height: height)
    // The middle of a pixel, between the edges of the square, says which pixel is nearest.
    func nearest(_ place: Int, _ count: Int) -> Int { (2 * place + 1) * count / (2 * crop.side) }
    let columns = (0..<crop.side).map { nearest($0, self.width) }
    var last: (source: Int, row: Int)?
    for place in 0..<crop.side {
      let source = nearest(place, self.height)
      let row = crop.top + place
      if let last, last.source == source {
        for word in 0..<image.wordsPerRow {
          image.words[row * image.wordsPerRow + word] =
            image.words[last.row * image.wordsPerRow + word]
        }
      } else {
        for (place, column) in columns.enumerated() where self[column, source] {
          image.insert(crop.left + place, row: row)
        }
      }
      last = (source, row)
    }
    return image
  }
}

extension Mask {
  /// A grey PNG file of the mask's size: white where pixels belong, black elsewhere.
  ///
  /// - Parameter name: how messages call the file.
  /// - Returns: the bytes of the file.
  /// - Throws: `ImageError` for a size that cannot be written.
  public func png(name: String = "mask") throws -> Data {
    try PNGEncoder.encode(bytes, width: width, height: height, .gray, name: name)
  }
}
