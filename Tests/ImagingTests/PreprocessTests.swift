import Foundation
import Imaging
import Testing

/// One input that the generator and the tests compute alike, and the reference's result.
struct PreprocessCase: Decodable, CustomStringConvertible {
  let width: Int
  let height: Int
  let low: UInt32
  let high: UInt32
  let resolution: Int
  let crop: Bool?
  let step: Int
  let expected: Data

  var description: String { "\(width) x \(height) of \(low)...\(high) to \(resolution)" }

  /// Hashed noise over blocks of 3 x 5 pixels.
  var image: XRayImage {
    get throws {
      var samples: [UInt16] = []
      samples.reserveCapacity(width * height)
      for y in 0..<height {
        for x in 0..<width {
          let mixed = UInt32(x / 3) &* 73_856_093 ^ UInt32(y / 5) &* 19_349_663
          samples.append(UInt16(low + ((mixed &* 2_654_435_761) >> 24) % (high - low + 1)))
        }
      }
      return try XRayImage(
        name: "pattern", width: width, height: height, samples: samples, maximumSample: 255)
    }
  }

  /// The largest difference from the reference at every `step`th row and column.
  func worstDifference(of values: [Float]) throws -> Float {
    #expect(values.count == resolution * resolution)
    let taken = stride(from: 0, to: resolution, by: step)
    let positions = taken.flatMap { y in taken.map { x in y * resolution + x } }
    #expect(expected.count == positions.count * 4)
    let reference = expected.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
    return zip(positions, reference).map { abs(values[$0] - $1) }.max() ?? .infinity
  }
}

struct PreprocessCases: Decodable {
  let resize: [PreprocessCase]
  let fixResolution: [PreprocessCase]
  let bilinear: [PreprocessCase]
  let centerCrop: [PreprocessCase]
}

struct PreprocessTests {
  func cases() throws -> PreprocessCases { try Fixture.json("preprocess.json") }

  @Test func resizeFollowsScikitImage() throws {
    var worst: Float = 0
    let cases = try cases().resize
    #expect(cases.count == 25)
    for item in cases {
      let values: [Float]
      if item.crop == true {
        values = try Preprocessing(resolution: item.resolution).apply(to: item.image)
      } else {
        values =
          resize(try item.image.plane, width: item.resolution, height: item.resolution).values
      }
      let difference = try item.worstDifference(of: values)
      #expect(difference < 0.002, "\(item)")
      worst = max(worst, difference)
    }
    print("resize: worst difference from scikit-image \(worst)")
  }

  @Test func fixResolutionFollowsPyTorch() throws {
    var worst: Float = 0
    let cases = try cases().fixResolution
    #expect(cases.count == 14)
    for item in cases {
      let values = try item.image.fixingResolution(to: item.resolution)
      let difference = try item.worstDifference(of: values)
      #expect(difference < 0.001, "\(item)")
      worst = max(worst, difference)
    }
    print("fixResolution: worst difference from PyTorch \(worst)")
  }

  @Test func bilinearFollowsPyTorch() throws {
    var worst: Float = 0
    let cases = try cases().bilinear
    #expect(cases.count == 14)
    for item in cases {
      let values = try item.image.fixingResolution(to: item.resolution, .bilinear)
      let difference = try item.worstDifference(of: values)
      #expect(difference < 0.001, "\(item)")
      worst = max(worst, difference)
    }
    print("bilinear: worst difference from PyTorch \(worst)")
  }

  @Test func centerCropRoundsAsTheReference() throws {
    let cases = try cases().centerCrop
    #expect(cases.count == 8)
    for item in cases {
      #expect(try item.worstDifference(of: centerCrop(item.image.plane).values) == 0, "\(item)")
    }
  }

  @Test func sameSizeIsUntouched() throws {
    let image = try XRayImage(name: "a", width: 2, height: 2, pixels: [-1024, 3, 0.5, 1024])
    #expect(try Preprocessing(resolution: 2).apply(to: image) == image.pixels)
    #expect(try image.fixingResolution(to: 2) == image.pixels)
  }

  @Test func whatCannotBeMadeIsAnError() throws {
    let wide = try XRayImage(name: "wide", width: 2, height: 1, pixels: [0, 0])
    let notSquare = ImageError("wide", .notSquare(width: 2, height: 1))
    #expect(throws: notSquare) {
      try Preprocessing(resolution: 4, cropsToSquare: false).apply(to: wide)
    }
    #expect(throws: notSquare) { try wide.fixingResolution(to: 4) }
    #expect(try Preprocessing(resolution: 1).apply(to: wide) == [0])
    for resolution in [Int.min, 0, 8193] {
      let outOfRange = ImageError("wide", .resolutionOutOfRange(resolution))
      #expect(throws: outOfRange) { try Preprocessing(resolution: resolution).apply(to: wide) }
      #expect(throws: outOfRange) { try wide.fixingResolution(to: resolution) }
    }
  }
}
