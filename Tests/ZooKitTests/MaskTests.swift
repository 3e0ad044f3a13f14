import Foundation
import Testing
import XRayZoo
import ZooFixtures

/// Masks measured by scikit-image, spread by PyTorch, and a few by hand.
@Suite struct MaskTests {
  @Test func regionsAreThoseOfTheReference() throws {
    let drawn = try LevelsFixture.expected().masks
    #expect(drawn.count == 39)
    for (index, expected) in drawn.enumerated() {
      let (height, width) = (expected.shape[0], expected.shape[1])
      let mask = Mask(width: width, height: height, packed: expected.mask)
      expect(mask.region, expected.region, "mask \(index)")
      expect(mask.largestRegion, expected.largest, "largest part of mask \(index)")
      #expect(mask.areaPixels == expected.region?.area ?? 0)
      let bytes = mask.bytes
      #expect(bytes.count == width * height)
      for y in 0..<height {
        for x in 0..<width { #expect((bytes[y * width + x] == 255) == mask[x, y]) }
      }
      #expect(bytes.count { $0 == 255 } == mask.areaPixels && bytes.allSatisfy { $0 % 255 == 0 })
    }
  }

  @Test func spreadingIsThatOfTheReference() throws {
    for expected in try LevelsFixture.expected().spreads {
      let (width, height) = (expected.size[0], expected.size[1])
      let crop = SquareCrop(width: width, height: height)
      let square: [Int] = [crop.left, crop.top, crop.side]
      #expect(square == expected.crop)
      let mask = Mask(width: expected.side, height: expected.side, packed: expected.mask)
      #expect(
        mask.placed(at: crop, width: width, height: height)
          == Mask(width: width, height: height, packed: expected.spread),
        "\(expected.side) to \(width) x \(height)")
    }
  }

  /// An L of four pixels: (0,0), (0,1), (0,2), (1,2).
  @Test func anLByHand() throws {
    let mask = Mask(width: 3, height: 4) { x, y in x == 0 && y < 3 || x == 1 && y == 2 }
    let region = try #require(mask.region)
    #expect(region.areaPixels == 4)
    #expect(region.centroid.x == 0.25 && region.centroid.y == 1.25)
    #expect(region.boundingBox.columns == 0...1)
    #expect(mask.bytes == [255, 0, 0, 255, 0, 0, 255, 255, 0, 0, 0, 0])
    #expect(!mask[-1, 0] && !mask[3, 0] && !mask[0, -1] && !mask[0, 4])
    #expect(Mask(width: 2, height: 2) { _, _ in false }.region == nil)
  }

  /// A bar of the columns, in a row of its own.
  private func bars(_ ranges: ClosedRange<Int>...) -> Mask {
    Mask(width: 100, height: ranges.count * 2) { x, y in y % 2 == 0 && ranges[y / 2].contains(x) }
  }

  @Test func theRatioIsThatOfTheLargestParts() throws {
    let ratio = try #require(
      CardiothoracicRatio(
        heart: bars(40...59, 1...3), leftLung: bars(90...91, 50...84),
        rightLung: bars(15...45, 99...99)))
    #expect(ratio.heart == 40...59 && ratio.thorax == 15...84)
    #expect(ratio.heartWidth == 20 && ratio.thoraxWidth == 70)
    #expect(ratio.value == 20.0 / 70)
    // Left and right are the patient's: they may be swapped, or overlap.
    let swapped = try #require(
      CardiothoracicRatio(heart: bars(10...10), leftLung: bars(5...20), rightLung: bars(18...30)))
    #expect(swapped.thorax == 5...30 && swapped.value == 1.0 / 26)
    let empty = Mask(width: 100, height: 2) { _, _ in false }
    let some = bars(3...4)
    #expect(CardiothoracicRatio(heart: empty, leftLung: some, rightLung: some) == nil)
    #expect(CardiothoracicRatio(heart: some, leftLung: empty, rightLung: some) == nil)
    #expect(CardiothoracicRatio(heart: some, leftLung: some, rightLung: empty) == nil)
  }
}

/// Names of files and of structures on command lines.
@Suite struct StructureNamesTests {
  static let labels = [
    "Left Lung", "left lung", "LEFT-LUNG", "Facies Diaphragmatica", "Overlay", "../../etc/passwd",
    ".", "C:\\x\u{0}", "Äorta", "脊椎", "left-lung-2", String(repeating: "long ", count: 60),
  ]
  static let names = [
    "left-lung", "left-lung-2", "left-lung-3", "facies-diaphragmatica", "overlay-2", "etc-passwd",
    "structure", "c-x", "orta", "structure-2", "left-lung-2-2",
    "long-" + String(repeating: "long-", count: 19),
  ]

  @Test func namesAreSafeAndDifferent() throws {
    let names = StructureNames(try Labels(Self.labels + [nil]))
    for (label, name) in zip(Self.labels, Self.names) { #expect(names[label] == name) }
    #expect(Set(Self.names).count == Self.labels.count)
    #expect(names["Right Lung"] == nil)
  }

  @Test func structuresAreNamedByLabelOrFile() throws {
    let names = StructureNames(try Labels(["Left Lung", "Right Lung", "Heart", nil]))
    for text in ["Left Lung", "left-lung", "LEFT lung"] {
      #expect(try names.label(text) == "Left Lung")
    }
    #expect(
      message { _ = try names.label("hart") }
        == "the model has no label \"hart\" (did you mean \"Heart\"?)")
    #expect(
      message { _ = try names.label("left-lng") }
        == "the model has no label \"left-lng\" (did you mean \"Left Lung\"?)")
    #expect(
      message { _ = try names.label("spleen") }
        == "the model has no label \"spleen\": it has Left Lung, Right Lung, Heart")
  }
}
