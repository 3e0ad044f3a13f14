import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

@Suite struct PredictionTests {
  private let fixture: Fixture
  private let model: Model

  init() throws {
    fixture = try Fixture()
    try fixture.zoo.fetch("tiny", from: ZooFixtures.path("module.legacy.pt"))
    model = try fixture.zoo.load("tiny")
  }

  /// The reference's values of one image without the third output, which has no label.
  private func labelled(_ values: [Float], _ image: Int) -> [Float] {
    var part = values.part(image, of: 2)
    part.remove(at: 2)
    return part
  }

  @Test(arguments: [0, 1])
  func imagesGetTheNumbersOfTheReference(_ index: Int) throws {
    let image = try fixture.image(index)
    let expected = fixture.answers.gray
    let logits = try model.predict(image, output: .logit)
    #expect(logits.scores.map(\.label) == ["Edema", "Lung Opacity", "Mass", "Effusion, \"left\""])
    #expect(
      relativeDifference(logits.scores.map(\.value), labelled(expected.logits, index)) < 1e-4)
    let probability = try model.predict(image, output: .probability).scores.map(\.value)
    let calibrated = try model.predict(image).scores.map(\.value)
    for (found, expected) in [
      (probability, labelled(expected.probability, index)),
      (calibrated, labelled(expected.calibrated, index)),
    ] {
      #expect(found.count == expected.count)
      for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-5) }
    }
    let features = try model.features(image)
    #expect(relativeDifference(features, expected.features.part(index, of: 2)) < 1e-4)
    #expect(try model.featureCount() == features.count)
  }

  @Test func preparedPixelsAreThoseOfTheReference() throws {
    let expected = try fixture.images().values
    for index in 0..<2 {
      let prepared = try model.prepare(fixture.image(index))
      #expect(prepared.shape == [1, 1, 64, 64])
      // In grey levels of 8 a step.
      let worst = zip(prepared.values, expected.part(index, of: 2)).map { abs($0 - $1) }.max()
      #expect(try #require(worst) < 0.02)
    }
  }

  @Test func labelsAreLookedUpAndRanked() throws {
    let prediction = try model.predict(fixture.image(0))
    #expect(prediction["Mass"] == 0.5)
    #expect(prediction["Edema"] == prediction.scores[0].value)
    #expect(prediction["Hernia"] == nil)
    #expect(prediction[""] == nil)
    // The reference's calibrated values are 0.72, 0.34, (no label), 0.5 and 0.37.
    #expect(
      prediction.ranked.map(\.label) == ["Edema", "Mass", "Effusion, \"left\"", "Lung Opacity"])
    #expect(try #require(model.predict(fixture.image(0), output: .probability)["Mass"]) != 0.5)
  }

  @Test func withoutOperatingPointsProbabilitiesStayPlain() throws {
    try fixture.zoo.fetch("colour", from: ZooFixtures.path("colour.legacy.pt"))
    let colour = try fixture.zoo.load("colour")
    let image = try fixture.image(0)
    #expect(try colour.predict(image) == colour.predict(image, output: .probability))
  }

  @Test func oneChannelIsRepeatedForANetworkOfThree() throws {
    let colour = try fixture.zoo.load(ZooFixtures.path("colour.legacy.pt"))
    #expect(colour.inputChannels == 3)
    let gray = try fixture.images()
    let expected = fixture.answers.colour
    let outputs = try colour.run(gray)
    #expect(relativeDifference(outputs["logits"]?.values ?? [], expected.logits) < 1e-4)
    #expect(relativeDifference(outputs["features"]?.values ?? [], expected.features) < 1e-4)
    // Three channels given are taken as they are.
    let planes = (0..<2).flatMap { image in
      (0..<3).flatMap { _ in gray.values.part(image, of: 2) }
    }
    let three = try colour.run(Tensor(shape: [2, 3, 64, 64], planes))
    #expect(relativeDifference(three["logits"]?.values ?? [], expected.logits) < 1e-4)
    #expect(throws: (any Error).self) {
      try colour.run(Tensor(shape: [1, 2, 64, 64], [Float](repeating: 0, count: 2 * 64 * 64)))
    }
  }

  @Test func inputsOfAnotherSizeAreResizedAsTheReferenceDoes() throws {
    let larger = try NumPyArray.read(ZooFixtures.path("larger.npy"))
    #expect(larger.dtype == .int16)
    let fixed = try model.fixResolution(larger)
    #expect(fixed.shape == [1, 1, 64, 64])
    let outputs = try model.run(fixed)
    let expected = fixture.answers.fixed
    #expect(relativeDifference(outputs["logits"]?.values ?? [], expected.logits) < 1e-4)
    #expect(relativeDifference(outputs["features"]?.values ?? [], expected.features) < 1e-4)
  }

  @Test(arguments: [
    Shape([]), [64, 64], [1, 64, 64], [1, 1, 64, 64, 1], [0, 1, 64, 64], [1, 0, 64, 64],
    [1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 64, 0], [1, 2, 64, 64], [1, 1, 2, 900],
  ])
  func oddBatchesAreErrorsOrWork(_ shape: Shape) throws {
    let images = Tensor(shape: shape, [Float](repeating: 1, count: shape.elementCount))
    for work in [
      { try self.model.run(images) }, { try self.model.run(self.model.fixResolution(images)) },
    ] {
      do {
        let outputs = try work()
        #expect(outputs["logits"]?.shape == [shape[0], 5])
        #expect(outputs["logits"]?.values.allSatisfy(\.isFinite) == true)
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
  }

  @Test func anUnknownEndpointIsNamed() throws {
    let text = message { _ = try model.run(fixture.images(), endpoints: ["logit"]) }
    #expect(text?.contains("logit") == true)
  }

  @Test func manyThreadsGetTheSameBits() async throws {
    let fresh = try fixture.zoo.load("tiny")
    let images = try (0..<2).map { try fixture.image($0) }
    let alone = try images.map { try model.predict($0) }
    let together = try await withThrowingTaskGroup(of: (Int, Prediction, [Float]).self) { group in
      for turn in 0..<32 {
        group.addTask {
          let image = images[turn % 2]
          return (turn % 2, try fresh.predict(image), try fresh.features(image))
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(together.count == 32)
    let features = try images.map { try model.features($0) }
    for (index, prediction, vector) in together {
      #expect(prediction == alone[index])
      #expect(vector == features[index])
    }
  }

  @Test func batchAndThreadsDoNotChangeABit() throws {
    let images = try fixture.images()
    let expected = try model.run(images)
    let single = try Zoo(
      architectures: Zoo.builtInArchitectures, manifest: nil, execution: .init(threads: 1)
    ).load(ZooFixtures.path("module.legacy.pt"))
    for name in ["logits", "features", "featureMap"] {
      let batch = try #require(expected[name]?.values)
      #expect(try single.run(images)[name]?.values == batch)
      for index in 0..<2 {
        let alone = Tensor(shape: [1, 1, 64, 64], images.values.part(index, of: 2))
        #expect(try model.run(alone, endpoints: [name])[name]?.values == batch.part(index, of: 2))
      }
    }
  }

  @Test func aBenchmarkIsConsistent() throws {
    let report = try Benchmark(model, batch: 2, runs: 4, withLayers: true)
    #expect(report.input == [2, 1, 64, 64])
    #expect(report.milliseconds.count == 4)
    #expect(report.milliseconds == report.milliseconds.sorted())
    #expect(report.minimumMilliseconds <= report.medianMilliseconds)
    #expect(report.medianMilliseconds == (report.milliseconds[1] + report.milliseconds[2]) / 2)
    #expect(abs(report.imagesPerSecond * report.medianMilliseconds - 2000) < 1e-6)
    #expect(!report.layers.isEmpty)
    // What cannot fit into memory is an error and not an attempt.
    #expect(throws: (any Error).self) { try Benchmark(model, batch: 4096, side: 8192, runs: 1) }
  }
}
