import Foundation
import Imaging

extension Segmentation {
  /// The radiograph as the network sees it, with the structures that were found in colours and a
  /// legend, as a PNG file.
  ///
  /// Where structures overlap, the tint is the mean of their colours, so that the radiograph shows
  /// through any number of them; outlines of small ones lie over those of large ones. The colour of
  /// a structure depends on its place among the model's labels alone.
  ///
  /// - Parameters:
  ///   - model: the model's name, for the line at the bottom.
  ///   - notice: a line that stands at the bottom under the usual one.
  /// - Returns: the bytes of the file.
  /// - Throws: `ImageError` for a size that cannot be written.
  public func overlayPNG(model: String, notice: String? = nil) throws -> Data {
    let canvas = overlay(captions: ["\(model). \(Zoo.disclaimer)"] + [notice].compactMap { $0 })
    return try PNGEncoder.encode(
      canvas.pixels, width: canvas.width, height: canvas.height, .rgb,
      name: StructureNames.overlay)
  }

  /// Draws the picture.
  ///
  /// - Parameter captions: paragraphs for the bottom.
  /// - Returns: the radiograph, the legend to its right, the captions below.
  package func overlay(captions: [String]) -> Canvas {
    let found = structures.filter { $0.areaPixels > 0 }
    let side = resolution * Self.scale(resolution)
    let legend = Legend(found, height: side)
    let width = side + legend.width
    let text = captions.flatMap { BitmapFont.lines($0, width: width - 2 * Self.margin) }
    var canvas = Canvas(
      width: width, height: side + text.count * BitmapFont.lineHeight + 2 * Self.margin)
    draw(found, on: &canvas, scale: Self.scale(resolution))
    legend.draw(on: &canvas, x: side)
    for (index, line) in text.enumerated() {
      canvas.write(
        line, x: Self.margin, y: side + Self.margin + index * BitmapFont.lineHeight,
        RGBColor(gray: 200))
    }
    return canvas
  }

  /// The least side of the radiograph in the picture; small ones are enlarged by whole factors.
  private static let leastSide = 512
  /// Pixels around text.
  private static let margin = 6
  /// How much of a tint covers the radiograph, of 255: enough to tell colours, little enough to see
  /// through.
  private static let tintOpacity: UInt8 = 80

  private static func scale(_ resolution: Int) -> Int {
    max(1, (leastSide + resolution - 1) / resolution)
  }

  private func draw(_ structures: [Structure], on canvas: inout Canvas, scale: Int) {
    canvas.draw(Plane(width: resolution, height: resolution, values: pixels), scale: scale)
    var tint = Tint(count: resolution * resolution)
    for structure in structures {
      let color = Palette.color(structure.index)
      structure.mask.forEachRun { row, columns in
        for column in columns { tint.add(color, at: row * resolution + column) }
      }
    }
    let side = resolution * scale
    for row in 0..<side {
      for column in 0..<side {
        guard let color = tint[row / scale * resolution + column / scale] else { continue }
        canvas.blend(color, opacity: Self.tintOpacity, x: column, y: row)
      }
    }
    // Sorting keeps the model's order among structures of one size.
    let areas = structures.map(\.areaPixels)
    for index in structures.indices.sorted(by: { (areas[$1], $0) < (areas[$0], $1) }) {
      outline(structures[index], on: &canvas, scale: scale)
    }
  }

  /// Draws a line of one pixel inside the edges of a mask, those at the edge of the image included.
  private func outline(_ structure: Structure, on canvas: inout Canvas, scale: Int) {
    let mask = structure.mask
    let color = Palette.color(structure.index)
    var sides = [(x: Int, y: Int, width: Int, height: Int)]()
    mask.forEachRun { row, columns in
      let (left, right) = (columns.lowerBound * scale, columns.upperBound * scale)
      let (top, bottom) = (row * scale, (row + 1) * scale)
      sides.append((left, top, 1, scale))
      sides.append((right - 1, top, 1, scale))
      for column in columns {
        if !mask[column, row - 1] { sides.append((column * scale, top, scale, 1)) }
        if !mask[column, row + 1] { sides.append((column * scale, bottom - 1, scale, 1)) }
      }
    }
    for side in sides {
      canvas.fill(color, x: side.x, y: side.y, width: side.width, height: side.height)
    }
  }
}

/// The mean of colours that lie over each other, pixel by pixel.
private struct Tint {
  private var sums: [SIMD4<UInt32>]

  init(count: Int) { sums = Array(repeating: .zero, count: count) }

  mutating func add(_ color: RGBColor, at pixel: Int) {
    sums[pixel] &+= SIMD4(UInt32(color.red), UInt32(color.green), UInt32(color.blue), 1)
  }

  subscript(pixel: Int) -> RGBColor? {
    let sum = sums[pixel]
    guard sum.w > 0 else { return nil }
    return RGBColor(UInt8(sum.x / sum.w), UInt8(sum.y / sum.w), UInt8(sum.z / sum.w))
  }
}

/// Swatches and names in columns.
private struct Legend {
  private let columns: [[(color: RGBColor, text: String)]]
  private let widths: [Int]

  /// More names than that make a picture that no one reads; what is left out is counted.
  private static let mostNames = 400
  /// Longer names are cut.
  private static let longestName = 36
  private static let rowHeight = 12
  private static let swatch = 8
  private static let gap = 6

  init(_ structures: [Segmentation.Structure], height: Int) {
    var rows = structures.prefix(Self.mostNames).map { structure in
      let label = structure.label
      let text =
        label.count > Self.longestName
        ? label.prefix(Self.longestName - 3) + "..." : label.prefix(Self.longestName)
      return (Palette.color(structure.index), String(text))
    }
    let rest = structures.count - rows.count
    if rest > 0 { rows.append((.black, "and \(rest) more")) }
    if rows.isEmpty { rows.append((.black, "no structure found")) }
    let perColumn = max(1, (height - Self.gap) / Self.rowHeight)
    let columns = stride(from: 0, to: rows.count, by: perColumn).map {
      Array(rows[$0..<min($0 + perColumn, rows.count)])
    }
    self.columns = columns
    widths = columns.map { column in
      Self.swatch + 3 * Self.gap + (column.map { BitmapFont.width(of: $0.1) }.max() ?? 0)
    }
  }

  var width: Int { widths.reduce(0, +) }

  func draw(on canvas: inout Canvas, x: Int) {
    var left = x
    for (column, width) in zip(columns, widths) {
      for (index, row) in column.enumerated() {
        let top = Self.gap + index * Self.rowHeight
        canvas.fill(row.color, x: left + Self.gap, y: top, width: Self.swatch, height: Self.swatch)
        canvas.write(row.text, x: left + Self.swatch + 2 * Self.gap, y: top)
      }
      left += width
    }
  }
}
