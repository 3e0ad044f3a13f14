import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// What becomes of a network's scores: exclusive labels, outputs that mean nothing, quantities and
/// other operating points, beside PyTorch and torchxrayvision; and the same weights in every
/// published spelling.
@Suite struct HeadsTests {
  private let fixture: Fixture
  /// By model and form, then by image, a number for each label.
  private let expected: [String: [[Float]]]

  init() throws {
    fixture = try Fixture(manifest: ZooFixtures.path("heads/manifest.json"))
    let data = try Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path("heads/expected.json")))
    expected = try JSONDecoder().decode([String: [[Float]]].self, from: data)
  }

  private func model(_ name: String, from file: String = "bare.pt") throws -> Model {
    // No published model's name or alias.
    try fixture.zoo.fetch("heads-" + name, from: ZooFixtures.path("heads/" + file))
    return try fixture.zoo.load("heads-" + name)
  }

  private func check(_ prediction: Prediction, _ answer: String, image: Int) throws {
    let expected = try #require(expected[answer])[image]
    let found = prediction.scores.map(\.value)
    #expect(found.count == expected.count)
    #expect(relativeDifference(found, expected) < 1e-4, "\(answer) \(found)")
  }

  @Test(arguments: [0, 1])
  func exclusiveLabels(_ index: Int) throws {
    let (model, image) = (try model("exclusive"), try fixture.image(index))
    for output in [Prediction.Output.calibrated, .probability] {
      let prediction = try model.predict(image, output: output)
      #expect(prediction.scores.map(\.label) == ["Frontal", "Lateral"])
      // The output between them has no label, and the two behind them do not count: no share of it.
      #expect(abs(prediction.scores.reduce(0) { $0 + $1.value } - 1) < 1e-6)
      try check(prediction, "exclusive probability", image: index)
    }
    try check(model.predict(image, output: .logit), "exclusive logit", image: index)
  }

  @Test(arguments: [0, 1])
  func logarithmsOfProbabilities(_ index: Int) throws {
    let (model, image) = (try model("race", from: "race.pt"), try fixture.image(index))
    try check(model.predict(image, output: .logit), "race logit", image: index)
    try check(model.predict(image), "race probability", image: index)
  }

  @Test(arguments: [0, 1])
  func quantities(_ index: Int) throws {
    let (model, image) = (try model("age"), try fixture.image(index))
    try check(model.predict(image), "age calibrated", image: index)
    for output in [Prediction.Output.probability, .logit] {
      #expect(
        message { _ = try model.predict(image, output: output) }
          == "heads-age gives years and no \(output.rawValue); leave --output out")
    }
  }

  @Test(arguments: [0, 1])
  func otherOperatingPoints(_ index: Int) throws {
    let (model, image) = (try model("points"), try fixture.image(index))
    let usual = try model.predict(image)
    #expect(usual.scores.map(\.label) == ["Edema", "Mass", "Hernia", "Nodule"])
    #expect(usual["Hernia"] == 0.5)
    try check(usual, "points calibrated", image: index)
    let precise = try model.predict(image, operatingPoint: "ppv80")
    #expect(precise["Mass"] == 0.5)
    try check(precise, "points ppv80", image: index)
    // Operating points do not matter to what is not calibrated.
    try check(
      model.predict(image, output: .probability, operatingPoint: "ppv80"), "points probability",
      image: index)
    let refusal = try #require(message { _ = try model.predict(image, operatingPoint: "ppv8") })
    #expect(refusal.contains("ppv80"))
  }

  @Test(arguments: ["bare.pt", "legacy.pt", "buffer.pt", "twice.pt", "lightning.ckpt"])
  func everySpelling(_ file: String) throws {
    let path = ZooFixtures.path("heads/" + file)
    let report = try fixture.zoo.inspect(path)
    #expect(report.architecture?.id == "resnet")
    let image = try fixture.image(0)
    try check(model("points", from: file).predict(image), "points calibrated", image: 0)
    try check(
      model("exclusive", from: file).predict(image), "exclusive probability", image: 0)
  }

  /// Two models of one configuration differ in their labels alone, which would stand beside the
  /// other's numbers.
  @Test func aNativeFileOfAnotherModelIsRefused() throws {
    let points = try #require(
      try fixture.zoo.fetch("heads-points", from: ZooFixtures.path("heads/bare.pt")))
    let error = ZooError.otherModel(
      file: points.output.path, model: "heads-exclusive", found: "heads-points")
    #expect(throws: error) {
      try fixture.zoo.fetch("heads-exclusive", from: points.output.path)
    }
    #expect(!fixture.zoo.cache.contains("heads-exclusive"))
    let exclusive = fixture.zoo.cache.url(of: "heads-exclusive")
    try FileManager.default.copyItem(at: points.output, to: exclusive)
    let misplaced = ZooError.otherModel(
      file: exclusive.path, model: "heads-exclusive", found: "heads-points")
    #expect(throws: misplaced) { try fixture.zoo.load("heads-exclusive") }
  }

  /// What no manifest knows is called what the network calls it, and no probability.
  @Test func quantitiesOfNoManifest() throws {
    let model = try fixture.zoo.load(ZooFixtures.path("scripts/traced-2.13.pt"))
    #expect(model.description.unit == "age")
    #expect(message { try model.checkPrediction(.probability) }?.contains("gives age") == true)
  }
}
