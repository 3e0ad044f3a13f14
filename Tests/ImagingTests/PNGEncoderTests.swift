import Foundation
import Imaging
import Testing

struct PNGEncoderTests {
  /// Noise, which no filter helps, above a ramp, which some do.
  private func pixels(_ width: Int, _ height: Int, _ channels: Int) -> [UInt8] {
    var state: UInt32 = 7
    return (0..<width * height * channels).map { index in
      state = state &* 1_664_525 &+ 1_013_904_223
      let row = index / (width * channels)
      return row < height / 2 ? UInt8(state >> 24) : UInt8(truncatingIfNeeded: index / channels)
    }
  }

  private func encode(
    _ pixels: [UInt8], _ width: Int, _ height: Int, _ layout: PNGEncoder.Layout
  ) throws -> [UInt8] {
    Array(
      try PNGEncoder.encode(pixels, width: width, height: height, layout, name: "chest.png"))
  }

  @Test(arguments: PNGEncoder.Layout.allCases, [(1, 1), (1, 9), (13, 1), (37, 29), (300, 200)])
  func everyByteOfEveryPixel(_ layout: PNGEncoder.Layout, _ size: (Int, Int)) throws {
    let (width, height) = size
    let pixels = pixels(width, height, layout.channels)
    let file = try PNGBytes(encode(pixels, width, height, layout))
    let colorType = [1: 0, 3: 2, 4: 6][layout.channels]
    #expect(file.header == [width, height, 8, try #require(colorType), 0, 0, 0])
    #expect(try file.pixels(channels: layout.channels) == pixels)
  }

  /// No time, no text, no gamma: nothing that differs from one day or machine to another.
  @Test(arguments: PNGEncoder.Layout.allCases)
  func holdsPixelsAlone(_ layout: PNGEncoder.Layout) throws {
    let pixels = pixels(300, 200, layout.channels)
    let bytes = try encode(pixels, 300, 200, layout)
    let chunks = try PNGBytes(bytes).chunks
    #expect(chunks.first == "IHDR" && chunks.last == "IEND")
    #expect(Set(chunks) == ["IHDR", "IDAT", "IEND"])
    #expect(try encode(pixels, 300, 200, layout) == bytes)
  }

  @Test(arguments: PNGEncoder.Layout.allCases)
  func decoderReadsItBack(_ layout: PNGEncoder.Layout) throws {
    let pixels = pixels(37, 29, layout.channels)
    let decoded = try decode(encode(pixels, 37, 29, layout))
    let model: ImageHeader.ColorModel =
      switch layout {
      case .gray: .gray
      case .rgb: .rgb
      case .rgba: .rgba
      }
    #expect(
      decoded.header
        == ImageHeader(
          container: .png, width: 37, height: 29, channels: layout.channels, bitDepth: 8,
          colorModel: model))
    let first = stride(from: 0, to: pixels.count, by: layout.channels).map { UInt16(pixels[$0]) }
    #expect(decoded.samples == first)
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 1), (32769, 1), (1, 32769), (32768, 32768), (Int.max, 2)])
  func sizesThatCouldNotBeReadAgain(_ width: Int, _ height: Int) {
    #expect(throws: ImageError("chest.png", .tooManyPixels(width: width, height: height))) {
      try encode([], width, height, .gray)
    }
  }
}
