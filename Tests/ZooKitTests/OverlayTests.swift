import Foundation
import Testing
import XRayZoo

/// The picture of masks on a radiograph, whose left half is black and whose right half is white.
@Suite struct OverlayTests {
  private let fixture: LevelsFixture
  private let image: XRayImage
  /// Green to the right, everything, nothing.
  private let colors = (0..<3).map { Palette.color($0) }

  init() throws {
    fixture = try LevelsFixture()
    image = try XRayImage(
      name: "halves", width: 64, height: 64,
      pixels: (0..<4096).map { $0 % 64 < 32 ? -1024 : 1024 })
  }

  /// Structures on the right half, everywhere and nowhere.
  private func segmentation() throws -> Segmentation {
    try fixture.model(weights: [1, 0, 0], biases: [0, 1, -1]).segment(image)
  }

  private func mean(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Int(a) + Int(b)) / 2) }

  @Test func tintsAreMeansAndOutlinesOfSmallOnesLieOnTop() throws {
    let canvas = try segmentation().overlay(captions: ["caption"])
    // 64 pixels are enlarged eight times.
    #expect(canvas[100, 100] == RGBColor.black.under(colors[1], opacity: 80))
    let both = RGBColor(
      mean(colors[0].red, colors[1].red), mean(colors[0].green, colors[1].green),
      mean(colors[0].blue, colors[1].blue))
    #expect(canvas[400, 100] == RGBColor.white.under(both, opacity: 80))
    #expect(canvas[255, 100] == canvas[100, 100] && canvas[257, 100] == canvas[400, 100])
    for y in [8, 300, 503] {
      #expect(canvas[0, y] == colors[1] && canvas[1, y] == canvas[100, 100])
      #expect(canvas[256, y] == colors[0])
      #expect(canvas[511, y] == colors[0] && canvas[510, y] == canvas[400, 100])
    }
    for (x, color) in [(9, 1), (255, 1), (256, 0), (500, 0)] {
      #expect(canvas[x, 0] == colors[color] && canvas[x, 511] == colors[color])
    }
  }

  @Test func theLegendNamesWhatWasFound() throws {
    let canvas = try segmentation().overlay(captions: ["caption"])
    // A swatch of 8 pixels, a gap of 6 on three sides, "output 0" of 8 letters.
    #expect(canvas.width == 512 + 8 + 3 * 6 + 47)
    #expect(canvas.height == 512 + 11 + 2 * 6)
    var legend = Canvas(width: canvas.width - 512, height: 512)
    for (row, name) in ["output 0", "output 1"].enumerated() {
      legend.fill(colors[row], x: 6, y: 6 + 12 * row, width: 8, height: 8)
      legend.write(name, x: 20, y: 6 + 12 * row)
    }
    for y in 0..<512 {
      for x in 0..<legend.width { #expect(canvas[512 + x, y] == legend[x, y]) }
    }
    let none = try fixture.model(weights: [0], biases: [-1]).segment(image)
    let empty = none.overlay(captions: [])
    #expect(empty.width == 512 + 8 + 3 * 6 + 18 * 6 - 1)
    #expect(empty[100, 100] == .black && empty[400, 100] == .white)
  }

  /// Two columns, and colours that stay whatever is drawn beside them.
  @Test func manyStructuresTakeColumns() throws {
    let model = try fixture.model(
      weights: Array(repeating: 0, count: 60), biases: Array(repeating: 1, count: 60))
    let canvas = try model.segment(image).overlay(captions: [])
    // 42 rows of 12 pixels fit beside 512; "output 41" has 9 letters.
    #expect(canvas.width == 512 + 2 * (8 + 3 * 6 + 53))
    #expect(canvas[512 + 6, 6 + 41 * 12] == Palette.color(41))
    #expect(canvas[512 + 79 + 6, 6] == Palette.color(42))
    #expect(canvas[512 + 79 + 6, 6 + 17 * 12] == Palette.color(59))
    let one = try model.segment(image, structures: ["output 41"]).overlay(captions: [])
    #expect(one[512 + 6, 6] == Palette.color(41))
  }

  @Test func theDisclaimerStandsAtTheBottom() throws {
    let png = try segmentation().overlayPNG(model: "own", notice: "Levels, no anatomy.")
    let picture = try XRayImage(data: png, name: "overlay.png")
    #expect(picture.width == 585)
    let words =
      "own. Research software, not a medical device: not for diagnosis or any clinical decision."
    #expect(words == "own. " + Zoo.disclaimer)
    var strip = Canvas(width: 585, height: 2 * 11 + 2 * 6)
    strip.write(words, x: 6, y: 6, RGBColor(gray: 200))
    strip.write("Levels, no anatomy.", x: 6, y: 17, RGBColor(gray: 200))
    #expect(picture.height == 512 + strip.height)
    for y in 0..<strip.height {
      for x in 0..<585 {
        // Of colours the first channel is read.
        let red = (picture.pixels[(512 + y) * 585 + x] + 1024) / 2048 * 255
        #expect(abs(red - Float(strip[x, y].red)) < 0.01)
      }
    }
  }

  @Test func aMaskIsBlackAndWhite() throws {
    let mask = try #require(segmentation()["output 0"]?.mask)
    let picture = try XRayImage(data: mask.png(), name: "mask.png")
    #expect(picture.width == 64 && picture.height == 64)
    #expect(picture.pixels == image.pixels)
  }
}
