import Foundation
import Testing
import TinyMobile
import XRayZoo

/// An architecture, a manifest and weights from elsewhere, by nothing but the public API.
@Suite struct TinyMobileTests {
  /// What PyTorch makes of the weights; written by `tools/fixtures/third_party.py`.
  struct Expected: Decodable {
    let probabilities: [Float]
    let outputs: [String: [Float]]
  }

  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("TinyMobileTests-\(UUID().uuidString)")
  private let expected: Expected
  private let zoo: Zoo

  init() throws {
    expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Self.fixture("expected.json")))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    zoo = Zoo(
      adding: [RegisteredArchitecture(TinyMobileNet.self)], manifest: TinyMobileNet.manifest,
      cache: WeightCache(folder: folder.appendingPathComponent("cache")))
  }

  private static func fixture(_ name: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name)
  }

  private func cleaningUp(_ work: () async throws -> Void) async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try await work()
  }

  private static let weights = fixture("tiny-mobile.pt").path

  /// The drawing that the generator made, too.
  private static let pixels = (0..<48 * 48).map { place -> Float in
    let (y, x) = (place / 48, place % 48)
    return Float((7 * x + 13 * y + x * y) % 256 * 8 - 1024)
  }

  private func differ(_ found: [Float], _ wanted: [Float]) -> Float {
    guard found.count == wanted.count, let scale = wanted.map(abs).max() else { return .infinity }
    return zip(found, wanted).map { abs($0 - $1) / scale }.reduce(0) { $1 <= $0 ? $0 : $1 }
  }

  @Test func fetchesAndPredicts() async throws {
    try await cleaningUp {
      let conversion = try #require(try zoo.fetch("mobile", from: Self.weights))
      #expect(conversion.network?.architecture == "example.tinymobile")
      let model = try await zoo.model("tiny-mobile")
      let image = try XRayImage(name: "drawing", width: 48, height: 48, pixels: Self.pixels)
      let probabilities = try model.predict(image, output: .probability)
      #expect(probabilities.scores.map(\.label) == ["Round", "Striped"])
      let found = probabilities.scores.map(\.value)
      #expect(differ(found, [expected.probabilities[0], expected.probabilities[2]]) < 1e-4)
      // Half way between the operating point and the end lies half way between 0.5 and the end.
      let calibrated = try #require(try model.predict(image)["Round"])
      let probability = Double(expected.probabilities[0])
      #expect(abs(Double(calibrated) - (1 - (1 - probability) / (2 * (1 - 0.25)))) < 1e-4)
      let features = try #require(expected.outputs["features"])
      #expect(differ(try model.features(image), features) < 1e-4)
    }
  }

  @Test func convertsAndRuns() async throws {
    try await cleaningUp {
      let output = folder.appendingPathComponent("out.safetensors").path
      // Recognised by its tensors alone.
      let conversion = try zoo.convert(Self.weights, to: output)
      #expect(conversion.network?.architecture == "example.tinymobile")
      let image = Tensor(shape: [1, 1, 48, 48], Self.pixels)
      let model = try zoo.load(output)
      let found = try model.run(image)
      #expect(found.count == TinyMobileNet.endpoints.count)
      for endpoint in model.endpoints {
        let wanted = try #require(expected.outputs[endpoint.name])
        #expect(differ(found[endpoint.name]?.floats() ?? [], wanted) < 1e-4, "\(endpoint.name)")
      }
    }
  }

  @Test func exports() async throws {
    try await cleaningUp {
      try zoo.fetch("tiny-mobile", from: Self.weights)
      let file = folder.appendingPathComponent("mobile.onnx").path
      _ = try zoo.export("tiny-mobile", to: file)
      guard case .graph(let graph) = try zoo.network(file) else {
        Issue.record("the export is no graph")
        return
      }
      let image = Tensor(shape: [1, 1, 48, 48], Self.pixels)
      let found = try graph.run(["image": image])
      let logits = try #require(expected.outputs["logits"])
      #expect(differ(found["logits"]?.floats() ?? [], logits) < 1e-4)
    }
  }

  /// The built-in models are still there, and what is another's is not taken for this one.
  @Test func livesBesideTheOthers() async throws {
    try await cleaningUp {
      #expect(zoo.catalog.architectures.first?.id == "example.tinymobile")
      let published = try zoo.manifest.entry(named: "all")
      #expect(published.architecture.id == "densenet")
      let demonstration = try await zoo.model()
      #expect(demonstration.architecture == "densenet")
      let error = #expect(throws: ZooError.self) { try zoo.fetch("all", from: Self.weights) }
      #expect(
        error?.description
          == "\(Self.weights): holds a example.tinymobile, densenet121-res224-all is a densenet")
      for widths in [[0], [], [8, .max], Array(repeating: 1, count: 65)] {
        let configuration = TinyMobileNet.Configuration(
          inputChannels: 1, channels: widths, expansion: 2, featureCount: 24, classCount: 3)
        #expect(throws: ConfigurationError.self) { _ = try TinyMobileNet.graph(configuration) }
      }
    }
  }
}
