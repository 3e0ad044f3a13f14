import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// TorchScript archives of a SENet, written by `tools/fixtures/scripts.py`: what their own code says
/// counts.
@Suite struct ScriptedCodeTests {
  private struct Expected: Decodable {
    let age: [Float]
    let features: [Float]
  }

  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func path(_ name: String) -> String { ZooFixtures.path("scripts/\(name).pt") }

  private var output: String { fixture.folder.file("out.safetensors") }

  @Test(arguments: ["traced-2.13", "scripted-2.13", "traced-1.13", "scripted-1.13"])
  func theRightCodeIsTaken(_ name: String) throws {
    let conversion = try fixture.zoo.convert(path(name), to: output)
    #expect(conversion.network?.architecture == "senet")
    #expect(conversion.sourceKind == "torchscript")
    let expected = try JSONDecoder().decode(
      Expected.self,
      from: Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path("scripts/expected.json"))))
    // The scaling of the pixels is the model's and not the module's: taken back here.
    let image = CounterFill.symmetric("image", count: 2 * 3 * 37 * 41, bound: 2)
    let mean: [Float] = [0.485, 0.456, 0.406]
    let deviation: [Float] = [0.229, 0.224, 0.225]
    let unscaled = image.enumerated().map { index, value in
      let channel = index / (37 * 41) % 3
      return (value * deviation[channel] + mean[channel]) * 2048 - 1024
    }
    let outputs = try fixture.zoo.load(output).run(Tensor(shape: [2, 3, 37, 41], unscaled))
    for (endpoint, values) in [("age", expected.age), ("features", expected.features)] {
      let found = try #require(outputs[endpoint]).values
      #expect(relativeDifference(found, values) < 1e-4, "\(endpoint)")
    }
  }

  /// Another way to flatten; and a module saved in training mode computes as after `eval()`.
  @Test(arguments: ["flatten", "training"])
  func whatMakesNoDifference(_ name: String) throws {
    #expect(try fixture.zoo.convert(path(name), to: output).network?.architecture == "senet")
  }

  @Test(arguments: [
    ("sigmoid-range", "at head.fc2 it has mul(·, ?) in the place of linear"),
    (
      "swapped",
      "at head.pool.maximum it has adaptive_avg_pool2d(·, [1, 1]) in the place of reduction maximum "
        + "axes 2 3"
    ),
    (
      "hardsigmoid",
      "at layer1.0.se_module.sigmoid it has hardsigmoid(·) in the place of unary sigmoid"
    ),
    (
      "floor",
      "at layer0.pool it has max_pool2d(·, [3, 3], [2, 2], [0, 0], [1, 1], False) in the place of "
        + "pooling maximum 3×3 stride 2×2 padding top 0 left 0 bottom 1 right 1"
    ),
    (
      "epsilon",
      "at layer1.0.bn2 it has batch_norm(·, ·, ·, ·, ·, False, 0.1, 0.001, True) in the place of "
        + "batchNorm epsilon 1e-05"
    ),
    (
      "unexcited",
      "at layer1.0.se_module it has batch_norm(·, ·, ·, ·, ·, False, 0.1, 1e-05, True) in the place of "
        + "binary multiply"
    ),
  ])
  func otherCodeIsRefused(_ name: String, _ difference: String) throws {
    let expected =
      "\(path(name)): has the tensors of a senet, but its own code computes something else: "
      + "\(difference); zoo convert --plain takes the tensors as they are"
    #expect(message { try fixture.zoo.convert(path(name), to: output) } == expected)
    #expect(message { _ = try fixture.zoo.load(path(name)) } == expected)
    #expect(
      message {
        try fixture.zoo.convert(path(name), to: output, options: .init(architecture: "senet"))
      } == expected)
    #expect(!FileManager.default.fileExists(atPath: output))
    let plain = try fixture.zoo.convert(path(name), to: output, options: .init(isPlain: true))
    #expect(plain.network == nil)
  }
}
