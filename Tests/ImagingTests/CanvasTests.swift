import Imaging
import Testing

/// What is drawn, pixel by pixel, by hand.
@Suite struct CanvasTests {
  private let red = RGBColor(200, 0, 10)

  /// The pixels that differ from black, as rows of dots.
  private func dots(_ canvas: Canvas) -> [String] {
    (0..<canvas.height).map { y in
      String((0..<canvas.width).map { canvas[$0, y] == .black ? "." : "#" })
    }
  }

  @Test func pixelsLieRowByRow() {
    var canvas = Canvas(width: 2, height: 2, RGBColor(1, 2, 3))
    canvas[1, 0] = red
    #expect(canvas.pixels == [1, 2, 3, 200, 0, 10, 1, 2, 3, 1, 2, 3])
    #expect(canvas[1, 0] == red && canvas[0, 1] == RGBColor(1, 2, 3))
  }

  @Test func rectanglesAreCutAtTheEdges() {
    var canvas = Canvas(width: 4, height: 3)
    canvas.fill(red, x: 1, y: 1, width: 2, height: 1)
    #expect(dots(canvas) == ["....", ".##.", "...."])
    canvas.fill(red, x: -5, y: 2, width: 6, height: 9)
    #expect(dots(canvas) == ["....", ".##.", "#..."])
    canvas.fill(red, x: 4, y: 0, width: 3, height: 3)
    canvas.fill(red, x: -3, y: -3, width: 3, height: 3)
    canvas.fill(red, x: 0, y: 0, width: 0, height: 2)
    #expect(dots(canvas) == ["....", ".##.", "#..."])
  }

  @Test func layersMix() {
    let below = RGBColor(0, 100, 255)
    #expect(below.under(red, opacity: 0) == below)
    #expect(below.under(red, opacity: 255) == red)
    // (0 * 175 + 200 * 80) / 255 = 62.7, (100 * 175 + 0) / 255 = 68.6, (255 * 175 + 800) / 255.
    #expect(below.under(red, opacity: 80) == RGBColor(63, 69, 178))
    var canvas = Canvas(width: 1, height: 1, below)
    canvas.blend(red, opacity: 80, x: 0, y: 0)
    #expect(canvas[0, 0] == RGBColor(63, 69, 178))
  }

  @Test func aRadiographBecomesGrey() {
    var canvas = Canvas(width: 6, height: 3, red)
    canvas.draw(
      Plane(width: 5, height: 1, values: [-1024, 1024, 0, -1016, 1015]), x: 0, y: 1)
    // 0 lies between 127 and 128; -1016 is 0.996, 1015 is 253.9.
    let expected: [UInt8] = [0, 255, 128, 1, 254]
    for (x, level) in expected.enumerated() { #expect(canvas[x, 1] == RGBColor(gray: level)) }
    #expect(canvas[5, 1] == red && canvas[0, 0] == red && canvas[0, 2] == red)
    var large = Canvas(width: 4, height: 4)
    large.draw(Plane(width: 2, height: 2, values: [1024, -1024, -1024, 1024]), scale: 2)
    #expect(dots(large) == ["##..", "##..", "..##", "..##"])
  }

  @Test func textIsWrittenInDots() {
    var canvas = Canvas(width: 12, height: 10)
    canvas.write("Lg", x: 0, y: 0)
    #expect(
      dots(canvas) == [
        "#...........", "#...........", "#......####.", "#.....#...#.", "#.....#...#.",
        "#.....#...#.", "#####..####.", "..........#.", ".......###..", "............",
      ])
    var double = Canvas(width: 10, height: 3)
    double.write("-", x: 0, y: -6, red, scale: 2)
    #expect(dots(double) == ["##########", "##########", ".........."])
    #expect(double[0, 0] == red)
    // Cut off at the edges, also before the first pixel.
    var narrow = Canvas(width: 3, height: 2)
    narrow.write("HH", x: -4, y: -2)
    #expect(dots(narrow) == ["#.#", "#.#"])
  }

  @Test func everyCharacterHasAPictureOfItsOwn() {
    let font = BitmapFont.standard
    let pictures = (0x20..<0x7f).map { code in
      font.rows(of: Character(Unicode.Scalar(UInt8(code))))
    }
    #expect(Set(pictures).count == 95)
    #expect(pictures.allSatisfy { $0.count == 9 && $0.allSatisfy { $0 < 32 } })
    #expect(pictures[0] == [0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(pictures.dropFirst().allSatisfy { $0.contains { $0 != 0 } })
    // Capitals and digits stand on the baseline and reach the top.
    for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" {
      let rows = font.rows(of: character)
      #expect(rows[0] != 0 && rows[6] != 0 && rows[7...] == [0, 0])
    }
    for other: Character in ["ü", "脊", "\n", "\u{7f}", "🫁", "\r\n"] {
      let rows = font.rows(of: other)
      #expect(rows == [31, 17, 17, 17, 17, 17, 31, 0, 0] && !pictures.contains(rows))
    }
  }

  @Test func linesAreNotWiderThanAsked() {
    #expect(BitmapFont.width(of: "") == 0)
    #expect(BitmapFont.width(of: "abc") == 17)
    #expect(BitmapFont.lines("one two three", width: 41) == ["one two", "three"])
    #expect(BitmapFont.lines("one two three", width: 40) == ["one", "two", "three"])
    #expect(BitmapFont.lines(" a  b\nc ", width: 100) == ["a b c"])
    #expect(BitmapFont.lines("to abcdefgh i", width: 17) == ["to", "abc", "def", "gh", "i"])
    #expect(BitmapFont.lines("abcdef", width: 17) == ["abc", "def"])
    #expect(BitmapFont.lines("ab", width: -3) == ["a", "b"])
    #expect(BitmapFont.lines("", width: 10) == [""])
  }
}

/// Colours beside those that NumPy computes with inverted matrices.
@Suite struct PaletteTests {
  private struct Reference: Decodable {
    let colors: [[Double]]
    /// The least CIEDE2000 difference among so many.
    let least: [String: Double]
  }

  @Test func coloursAreThoseOfTheReference() throws {
    let reference: Reference = try Fixture.json("palette.json")
    #expect(reference.colors.count == 159)
    for (index, expected) in reference.colors.enumerated() {
      let color = Palette.color(index)
      for (found, expected) in zip([color.red, color.green, color.blue], expected) {
        #expect(abs(Double(found) - expected) < 0.6, "\(index)")
      }
    }
    // A difference of 2 is seen side by side; the chest structures of PSPNet differ by more than 16.
    #expect(try #require(reference.least["14"]) > 16)
    #expect(try #require(reference.least["40"]) > 2)
    #expect(Palette.color(159) != Palette.color(0))
  }
}
