import Imaging
import Testing

struct DecodeTests {
  struct Expected: Decodable {
    let width: Int
    let height: Int
    let maximum: Int
    let samples: [Int]
  }

  struct Table: Decodable {
    let madeBy: String
    let images: [String: Expected]
  }

  static func expected() throws -> [String: Expected] {
    let table: Table = try Fixture.json("images/expected.json")
    return table.images
  }

  @Test func firstChannelIsWhatPillowReads() throws {
    let expected = try Self.expected()
    #expect(expected.count == 44)
    for (name, image) in expected {
      let decoded = try decode(Fixture.bytes("images/\(name)"))
      #expect(decoded.header.width == image.width, "\(name)")
      #expect(decoded.header.height == image.height, "\(name)")
      #expect(decoded.samples.count == image.samples.count, "\(name)")
      // Pillow stretches 2- and 4-bit grey to 8 bits: the shares of white are equal, exactly.
      let ours = decoded.samples.map { Int($0) * image.maximum }
      let theirs = image.samples.map { $0 * decoded.maximumSample }
      #expect(ours == theirs, "\(name)")
    }
  }

  @Test(arguments: [
    ("gray1.png", ImageHeader.ColorModel.gray, 1, 1, 1),
    ("gray2-interlaced.png", .gray, 1, 2, 3),
    ("gray4.png", .gray, 1, 4, 15),
    ("gray8.png", .gray, 1, 8, 255),
    ("gray16.png", .gray, 1, 16, 65535),
    ("graya16.png", .grayAlpha, 2, 16, 255),
    ("rgb8.png", .rgb, 3, 8, 255),
    ("rgba16-interlaced.png", .rgba, 4, 16, 255),
    ("palette2.png", .palette, 1, 2, 255),
  ])
  func pngFactsAreThoseOfTheFile(
    name: String, model: ImageHeader.ColorModel, channels: Int, depth: Int, maximum: Int
  ) throws {
    let decoded = try decode(Fixture.bytes("images/\(name)"))
    #expect(
      decoded.header
        == ImageHeader(
          container: .png, width: 13, height: 11, channels: channels, bitDepth: depth,
          colorModel: model))
    #expect(decoded.maximumSample == maximum)
  }

  @Test(arguments: [
    ("gray.jpg", ImageHeader.ColorModel.gray, 1), ("rgb420.jpg", .yCbCr, 3),
    ("keep-rgb.jpg", .rgb, 3), ("cmyk.jpg", .cmyk, 4),
  ])
  func jpegFactsAreThoseOfTheFile(
    name: String, model: ImageHeader.ColorModel, channels: Int
  ) throws {
    let bytes = try Fixture.bytes("images/\(name)")
    let header = try bytes.withUnsafeBytes { try DecodedImage.header(of: $0, name: name) }
    #expect(
      header
        == ImageHeader(
          container: .jpeg, width: 37, height: 29, channels: channels, bitDepth: 8,
          colorModel: model))
  }

  @Test func sixteenBitsKeepTheirPrecision() throws {
    // The reference fails here; 65535 is white, and no bit is lost on the way to float32.
    let url = try Fixture.url("images/gray16.png")
    let image = try XRayImage(contentsOf: url)
    let samples = try #require(try Self.expected()["gray16.png"]).samples
    for (pixel, sample) in zip(image.pixels, samples) {
      #expect(abs(Double(pixel) - (2 * Double(sample) / 65535 - 1) * 1024) < 1e-3)
    }
    #expect(Set(image.pixels).count == Set(samples).count)
  }

  @Test func oneBitIsBlackAndWhite() throws {
    // The reference divides by 255 and gets -1024 and -1016.
    let image = try XRayImage(contentsOf: Fixture.url("images/gray1.png"))
    let samples = try #require(try Self.expected()["gray1.png"]).samples
    #expect(image.pixels == samples.map { $0 == 0 ? -1024 : 1024 })
  }
}
