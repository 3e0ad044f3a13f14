import Foundation
import TestSupport
import Testing
import VQGANPlugin
import WeightFiles
import XRayZoo
import ZooFixtures

/// A small VQ-GAN through the public API: fetched by an entry that does not know its settings.
@Suite struct ReconstructionTests {
  static let configuration = VQGAN.Configuration(
    channels: 32, multipliers: [1, 2], blocks: 1, attentionLevels: [1], latentChannels: 4,
    codeLength: 3, codeCount: 9)
  private static let manifest = """
    {"format": 1, "models": [{
      "name": "tiny-vqgan", "architecture": {"id": "vqgan"}, "source": {"kind": "safetensors"},
      "input": {"resolution": 24, "channels": 3, "range": [-1024, 1024],
                "scaling": {"to": [-1, 1]}, "interpolation": "bilinear"},
      "labels": [], "outputActivation": "none", "licence": "none", "citations": [],
      "intendedUse": "A toy."
    }]}
    """

  private let fixture: Fixture
  private let model: Model

  init() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("manifest.json")
    try Data(Self.manifest.utf8).write(to: URL(fileURLWithPath: path))
    fixture = try Fixture(manifest: path)
    // The manifest is read when it is asked for.
    _ = try fixture.zoo.manifest
    let weights = CounterFill.weights(for: try VQGAN.graph(Self.configuration))
    let file = fixture.folder.file("weights.safetensors")
    _ = try SafetensorsFile.write(
      weights.sorted { $0.key < $1.key }.map { TensorToWrite(name: $0.key, $0.value) },
      metadata: [:], to: URL(fileURLWithPath: file))
    try fixture.zoo.fetch("tiny-vqgan", from: file)
    model = try fixture.zoo.load("tiny-vqgan")
  }

  @Test func settingsAreThoseOfTheTensors() throws {
    #expect(model.configuration["codeCount"] == .integer(9))
    #expect(model.configuration["multipliers"] == .array([.integer(1), .integer(2)]))
    #expect(model.inputChannels == 3)
    #expect(
      message {
        try fixture.zoo.convert(
          ZooFixtures.path("parallel.zip.pt"), to: fixture.folder.file("x"), as: "tiny-vqgan")
      } == "\(ZooFixtures.path("parallel.zip.pt")): holds a densenet, tiny-vqgan is a vqgan")
  }

  /// The network's own numbers, which PyTorch's were compared with, the error by its definition, and
  /// the file's pixels as the decoder reads them.
  @Test func reconstruction() throws {
    let image = try fixture.image(0)
    let found = try model.reconstruct(image)
    let prepared = try Preprocessing(resolution: 24).apply(to: image)
    let outputs = try model.run(Tensor(shape: [1, 1, 24, 24], prepared))
    let pixels = try #require(outputs["reconstruction"]).values
    #expect(found.side == 24 && found.prepared == prepared && found.pixels == pixels)
    #expect(Set(pixels).count > 100 && pixels.allSatisfy { (-1024...1024).contains($0) })
    var sum = 0.0
    for index in pixels.indices { sum += Double(abs(pixels[index] - prepared[index])) }
    #expect(sum > 0 && abs(found.meanAbsoluteError - sum / 576) < 1e-9)
    let again = try XRayImage(data: found.png(), name: "again.png")
    #expect(again.width == 24 && again.height == 24)
    // Half a step of 256, and a rounding.
    let worst = zip(again.pixels, pixels).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1024 / 255 + 0.01)
  }

  /// 25 pixels become 12 and 24 again.
  @Test func otherSizesAreRefused() throws {
    let image = Tensor(shape: [2, 1, 25, 24], CounterFill.symmetric("x", count: 1200, bound: 1024))
    let sentence =
      "tiny-vqgan would reconstruct a 25×24 image as one of 24×24; bring it to 24×24 first"
    #expect(message { _ = try model.run(image) } == sentence)
    #expect(message { _ = try model.run(image, endpoints: ["reconstruction"]) } == sentence)
    #expect(try model.run(image, endpoints: ["latent"])["latent"]?.shape == [2, 3, 12, 12])
    let square = "tiny-vqgan would reconstruct a 25×25 image as one of 24×24"
    let export = message {
      try fixture.zoo.export(
        "tiny-vqgan", to: fixture.folder.file("x.onnx"), size: .square(25))
    }
    #expect(export?.contains(square) == true)
  }

  @Test func modelsWithoutReconstruction() throws {
    let demo = try fixture.zoo.load("demo")
    let sentence = message { _ = try demo.reconstruct(fixture.image(0)) }
    #expect(sentence?.hasPrefix("demo has no output \"reconstruction\"; known are logits") == true)
  }

  /// The manifest's word for the filter is the one that is used.
  @Test func inputsAreResizedWithoutSmoothing() throws {
    let pixels = CounterFill.symmetric("pixels", count: 57 * 57, bound: 1024)
    let found = try model.fixResolution(Tensor(shape: [1, 1, 57, 57], pixels)).values
    let image = try XRayImage(name: "pixels", width: 57, height: 57, pixels: pixels)
    #expect(try found == image.fixingResolution(to: 24, .bilinear))
    #expect(try found != image.fixingResolution(to: 24, .antialiased))
  }
}
