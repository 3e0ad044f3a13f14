import Foundation
import Imaging
import Testing

struct XRayImageTests {
  /// Runs a call that must throw, and gives what it threw.
  func reason(_ make: () throws(ImageError) -> XRayImage) -> ImageError.Reason? {
    do throws(ImageError) {
      _ = try make()
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func samplesAreScaledByTheStatedMaximum() throws {
    let image = try XRayImage(
      name: "ramp", width: 3, height: 1, samples: [0, 2047, 4095], maximumSample: 4095)
    #expect(image.pixels == [-1024, (2 * (Float(2047) / 4095) - 1) * 1024, 1024])
    #expect(image.name == "ramp")
    #expect(image.width == 3)
    #expect(image.height == 1)
  }

  @Test func contradictionsInMemoryAreErrors() {
    #expect(
      reason { () throws(ImageError) in
        try XRayImage(name: "a", width: 2, height: 2, samples: [1, 2, 3], maximumSample: 255)
      } == .wrongSampleCount(width: 2, height: 2, found: 3))
    #expect(
      reason { () throws(ImageError) in
        try XRayImage(name: "a", width: 2, height: 1, samples: [1, 256], maximumSample: 255)
      } == .sampleTooLarge(sample: 256, maximum: 255, column: 1, row: 0))
    #expect(
      reason { () throws(ImageError) in
        try XRayImage(name: "a", width: 1, height: 1, samples: [0], maximumSample: 0)
      } == .maximumOutOfRange(0))
    #expect(
      reason { () throws(ImageError) in
        try XRayImage(name: "a", width: 0, height: 5, pixels: [])
      } == .tooManyPixels(width: 0, height: 5))
    #expect(
      reason { () throws(ImageError) in
        try XRayImage(name: "a", width: .max, height: 2, pixels: [])
      } == .tooManyPixels(width: .max, height: 2))
    #expect(
      reason { () throws(ImageError) in
        try XRayImage(name: "a", width: 1, height: 2, pixels: [0, 1024.5])
      } == .pixelOutOfRange(pixel: 1024.5, column: 0, row: 1))
    let notANumber = reason { () throws(ImageError) in
      try XRayImage(name: "a", width: 1, height: 1, pixels: [.nan])
    }
    guard case .pixelOutOfRange(let pixel, 0, 0) = notANumber, pixel.isNaN else {
      Issue.record("not a number is no pixel")
      return
    }
  }

  @Test func dataAndFileGiveTheSame() throws {
    let url = try Fixture.url("images/rgb420.jpg")
    let fromFile = try XRayImage(contentsOf: url)
    let fromData = try XRayImage(data: Data(contentsOf: url), name: "bytes")
    #expect(fromFile.pixels == fromData.pixels)
    #expect(fromFile.name == url.relativePath)
    #expect(fromData.name == "bytes")
    #expect(try XRayImage(path: url.path) == fromFile)
  }

  @Test func whatIsNoFileIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    #expect(reason { () throws(ImageError) in try XRayImage(path: path) } == .folder)
    #expect(
      reason { () throws(ImageError) in try XRayImage(path: path + "/none.png") } == .missing)
    #expect(
      reason { () throws(ImageError) in try XRayImage(path: "/dev/zero") } == .notARegularFile)

    #expect(mkfifo(path + "/pipe", 0o600) == 0)
    #expect(
      reason { () throws(ImageError) in try XRayImage(path: path + "/pipe") } == .notARegularFile)
    try Data().write(to: URL(fileURLWithPath: path + "/empty.png"))
    #expect(
      reason { () throws(ImageError) in try XRayImage(path: path + "/empty.png") } == .empty)
    let remote = try #require(URL(string: "https://example.org/chest.png"))
    #expect(reason { () throws(ImageError) in try XRayImage(contentsOf: remote) } == .notAFile)

    // A hole takes no room on disk: the size is refused before anything is read.
    let large = path + "/large.png"
    try Data().write(to: URL(fileURLWithPath: large))
    let bytes = DecodingLimits.maximumFileBytes + 1
    #expect(truncate(large, off_t(bytes)) == 0)
    #expect(
      reason { () throws(ImageError) in try XRayImage(path: large) }
        == .fileTooLarge(bytes: bytes, limit: DecodingLimits.maximumFileBytes))

    // The superuser may read everything, which leaves nothing to test.
    if geteuid() != 0 {
      let locked = path + "/locked.png"
      try Data([1]).write(to: URL(fileURLWithPath: locked))
      #expect(chmod(locked, 0) == 0)
      #expect(
        reason { () throws(ImageError) in try XRayImage(path: locked) }
          == .unreadable("Permission denied"))
    }
  }
}
