import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// A plugin from elsewhere with a map for each label, from a safetensors file to masks.
@Suite struct SegmentationTests {
  private let fixture: LevelsFixture

  init() throws { fixture = try LevelsFixture() }

  private func image(_ name: String) throws -> XRayImage {
    try XRayImage(path: ZooFixtures.path(name))
  }

  @Test(arguments: ["wide.png", "tall.png"])
  func masksAreThoseOfTheReference(_ name: String) throws {
    let expected = try #require(fixture.expected.images[name])
    let found = try fixture.model().segment(image(name))
    let crop: [Int] = [found.crop.left, found.crop.top, found.crop.side]
    #expect(crop == expected.crop)
    #expect(found.imageWidth == expected.size[0] && found.imageHeight == expected.size[1])
    #expect(found.resolution == 64)
    // Outputs without a label are left out, and keep their place.
    #expect(
      found.structures.map(\.label)
        == ["Left Lung", "Right Lung", "Heart", "Spine / T1-T12", "Äorta", "overlay"])
    #expect(found.structures.map(\.index) == [0, 1, 3, 4, 5, 6])
    for (size, measured) in [
      (Segmentation.Size.model, expected.model), (.original, expected.original),
    ] {
      for structure in found.structures {
        let part = try #require(measured.structures[structure.label])
        let mask = found.mask(of: structure, in: size)
        #expect(mask.height == part.shape[0] && mask.width == part.shape[1])
        #expect(
          mask == Mask(width: mask.width, height: mask.height, packed: part.mask),
          "\(structure.label) \(size)")
        expect(mask.region, part.region, "\(structure.label) \(size)")
      }
      let ratio = try #require(found.cardiothoracicRatio(in: size))
      let reference = try #require(measured.ratio)
      #expect(ratio.heart == reference.heart[0]...reference.heart[1])
      #expect(ratio.thorax == reference.thorax[0]...reference.thorax[1])
      #expect(abs(ratio.value - reference.value) < 1e-12)
    }
    for structure in found.structures {
      #expect(structure.areaPixels == structure.region?.areaPixels ?? 0)
      #expect(structure.areaFraction == Double(structure.areaPixels) / 4096)
      let mean = try #require(expected.meanProbability[structure.label])
      #expect((structure.meanProbability == nil) == (mean == nil))
      // Pixels differ by up to 0.02 from the reference's, a logit by a hundredth of that.
      if let mean { #expect(abs(try #require(structure.meanProbability) - mean) < 1e-4) }
      #expect(structure.probabilities == nil)
    }
  }

  @Test func probabilitiesAreGivenWhereAskedFor() throws {
    let expected = try #require(fixture.expected.images["tall.png"]?.firstProbabilities)
    let found = try fixture.model().segment(
      image("tall.png"), structures: ["Left Lung"], withProbabilities: true)
    let structure = try #require(found["Left Lung"])
    let probabilities = try #require(structure.probabilities)
    #expect(probabilities.count == 4096)
    for (found, expected) in zip(probabilities, expected) { #expect(abs(found - expected) < 1e-4) }
    for (index, probability) in probabilities.enumerated() {
      #expect((probability > 0.5) == structure.mask[index % 64, index / 64])
    }
  }

  @Test func someStructuresKeepTheirOrderAndPlace() throws {
    let model = try fixture.model()
    let found = try model.segment(image("wide.png"), structures: ["Heart", "Left Lung", "Heart"])
    #expect(found.structures.map(\.label) == ["Left Lung", "Heart"])
    #expect(found.structures.map(\.index) == [0, 3])
    #expect(found["Heart"]?.mask == (try model.segment(image("wide.png")))["Heart"]?.mask)
    #expect(found["Right Lung"] == nil && found.cardiothoracicRatio() == nil)
    #expect(try model.segment(image("wide.png"), structures: []).structures.isEmpty)
    #expect(
      message { _ = try model.segment(self.image("wide.png"), structures: ["Haert"]) }
        == "the model has no label \"Haert\" (did you mean \"Heart\"?)")
  }

  @Test func zeroIsOutside() throws {
    let model = try fixture.model(weights: [0, 0, 0], biases: [0, 1e-30, -1e-30])
    let areas = try model.segment(image("wide.png")).structures.map(\.areaPixels)
    #expect(areas == [0, 4096, 0])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func whatIsNoNumberIsAnError(_ bias: Float) throws {
    let model = try fixture.model(weights: [1, 1], biases: [0, bias])
    #expect(throws: ZooError.notFinite(model: "own", endpoint: "maps")) {
      try model.segment(image("wide.png"))
    }
    // What was not asked for does no harm.
    #expect(try model.segment(image("wide.png"), structures: ["output 0"]).structures.count == 1)
  }

  @Test func mapsOfAnotherSizeAreAnError() throws {
    let coarse = try LevelsFixture(RegisteredArchitecture(CoarseLevels.self))
    let model = try coarse.model(weights: [1], biases: [0])
    #expect(
      throws: ZooError.mapShape(model: "own", found: [1, 1, 32, 32], expected: [1, 1, 64, 64])
    ) { try model.segment(image("wide.png")) }
  }

  @Test func aModelSaysWhatItHasInstead() throws {
    let levels = try fixture.model()
    #expect(
      message { _ = try levels.predict(self.image("wide.png")) }
        == "levels has no predictions; it gives maps: use zoo segment")
    let demo = try fixture.zoo.load("demo")
    #expect(
      message { _ = try demo.segment(self.image("wide.png")) }
        == "demo has no masks; it gives logits, features, featureMap: use zoo predict")
  }
}
