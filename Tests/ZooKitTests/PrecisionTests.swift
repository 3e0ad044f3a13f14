import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// Bfloat16 beside PyTorch's float32: probabilities within 0.02, and the same label on top.
@Suite struct PrecisionTests {
  private struct Reference: Decodable {
    /// The sides of the images' fields.
    let fields: [Int]
    let logits: [[Float]]
    let probability: [[Float]]
  }

  private func reference() throws -> Reference {
    let data = try Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path("demo.json")))
    return try JSONDecoder().decode(Reference.self, from: data)
  }

  /// The images of `tools/fixtures/demo.py`.
  private func image(_ field: Int) -> Tensor {
    let (side, fields) = (224, 224 / field)
    let levels = CounterFill.symmetric("demo/\(field)", count: fields * fields, bound: 1024)
    let pixels = (0..<side * side).map { levels[$0 / side / field * fields + $0 % side / field] }
    return Tensor(shape: [1, 1, side, side], pixels)
  }

  private func logits(_ model: Model, _ field: Int) throws -> [Float] {
    try #require(try model.run(image(field), endpoints: ["logits"])["logits"]?.floats())
  }

  private func zoo(_ precision: Precision) -> Zoo {
    Zoo(
      architectures: Zoo.builtInArchitectures,
      manifest: URL(fileURLWithPath: ZooFixtures.path("manifest.json")),
      execution: .init(precision: precision))
  }

  @Test func theDemonstrationModelGivesTheNumbersOfTheReference() throws {
    let reference = try reference()
    let model = try zoo(.float32).load(Zoo.demonstrationModel)
    for (field, expected) in zip(reference.fields, reference.logits) {
      #expect(relativeDifference(try logits(model, field), expected) < 1e-4, "\(field)")
    }
  }

  @Test func theDemonstrationModelInBFloat16() throws {
    let reference = try reference()
    let model = try zoo(.bfloat16).load(Zoo.demonstrationModel)
    #expect(reference.fields.count == 6)
    var worst: Float = 0
    for (field, expected) in zip(reference.fields, reference.probability) {
      let found = try logits(model, field).map { 1 / (1 + exp(-$0)) }
      #expect(found.count == expected.count)
      worst = zip(found, expected).reduce(worst) { max($0, abs($1.0 - $1.1)) }
      #expect(found.top == expected.top)
    }
    print("demonstration model in bfloat16: worst difference of a probability \(worst)")
    #expect(worst < 0.02)
    // It is bfloat16, and not float32 under another name.
    #expect(worst > 1e-5)
  }

  @Test func aConvertedModelInBFloat16() throws {
    let fixture = try Fixture()
    let model = try zoo(.bfloat16).load(ZooFixtures.path("module.legacy.pt"))
    let outputs = try model.run(fixture.images())
    let expected = fixture.answers.gray
    let found = try #require(outputs["logits"]?.values).map { 1 / (1 + exp(-$0)) }
    #expect(found.count == 10)
    for (found, expected) in zip(found, expected.probability) {
      #expect(abs(found - expected) < 0.02)
    }
  }

  /// Calibrated, whole images, by the public interface.
  @Test func aPredictionInBFloat16() throws {
    let fixture = try Fixture()
    try fixture.zoo.fetch("tiny", from: ZooFixtures.path("module.legacy.pt"))
    let zoo = Zoo(
      architectures: Zoo.builtInArchitectures,
      manifest: URL(fileURLWithPath: ZooFixtures.path("manifest.json")),
      cache: WeightCache(folder: URL(fileURLWithPath: fixture.cache)),
      execution: .init(precision: .bfloat16), home: URL(fileURLWithPath: fixture.home))
    let model = try zoo.load("tiny")
    for index in 0..<2 {
      var expected = fixture.answers.gray.calibrated.part(index, of: 2)
      // The third output has no label.
      expected.remove(at: 2)
      let prediction = try model.predict(fixture.image(index))
      let found = prediction.scores.map(\.value)
      #expect(found.count == expected.count)
      for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 0.02) }
      #expect(prediction.ranked.first?.label == expected.top.map { prediction.scores[$0].label })
    }
  }
}

extension [Float] {
  /// Where the largest stands.
  fileprivate var top: Int? { indices.max { self[$0] < self[$1] } }
}
