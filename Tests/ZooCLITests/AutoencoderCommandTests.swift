import AutoencoderPlugin
import Foundation
import GraphIR
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

extension FilledModel {
  /// An autoencoder whose reconstructions have blacks, whites and all between them.
  fileprivate static var echo: Self {
    FilledModel(
      "echo",
      """
      "architecture": {"id": "resnet-autoencoder"},
      "input": {"resolution": 32, "channels": 1, "range": [-1024, 1024], "scaling": "none"},
      "labels": [], "outputActivation": "none", "notice": "An echo of noise."
      """
    ) {
      let graph = try ResNetAutoencoder.graph(.init(blocks: [1, 1, 1, 1]))
      var weights = CounterFill.weights(for: graph)
      // PyTorch's numbers lie between -360000 and 360000, most of them within 20000.
      let last = "conv1_1.weight"
      let tensor = try #require(weights[last])
      let values = try #require(tensor.floats())
      weights[last] = Tensor(shape: tensor.shape, values.map { $0 * 0.05 })
      return weights
    }
  }
}

/// `zoo reconstruct`, and the other verbs on a model that gives images.
@Suite(FilledModel.echo) struct AutoencoderCommandTests {
  private let zoo: Zoo
  private let model = FilledModel.path
  private let image = ZooFixtures.path("tall.png")

  init() throws { zoo = try Zoo() }

  @Test func thePictureIsTheNetworksRounded() throws {
    let square = try Preprocessing(resolution: 32).apply(to: XRayImage(path: image))
    try zoo.folder.write(NPY.file([1, 1, 32, 32], square), as: "x.npy")
    try zoo(
      "run", model, "--input", "x.npy", "--outputs", "reconstruction", "--output-dir", "o"
    ).expectSuccess()
    let values = try NPY(zoo.folder.file("o/reconstruction.npy")).floats
    let run = try zoo("reconstruct", "--model", model, "--format", "json", image, "-o", "again.png")
    run.expectSuccess()
    #expect(run.errors.isEmpty)
    let png = try PNGFile(gray: zoo.folder.file("again.png"))
    #expect(png.width == 32 && png.height == 32)
    let expected = values.map { value -> UInt8 in
      UInt8((min(max((Double(value) + 1024) / 2048, 0), 1) * 255).rounded())
    }
    #expect(png.samples == expected)
    #expect(Set(png.samples).count > 50 && png.samples.contains(0) && png.samples.contains(255))
    let report = try #require(run.json() as? [String: Any])
    #expect(report["image"] as? String == image && report["model"] as? String == "echo")
    #expect(report["output"] as? String == "again.png" && report["side"] as? Int == 32)
    let error = zip(values, square).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } / 1024
    let told = try #require(report["meanAbsoluteError"] as? Double)
    #expect(abs(told / error - 1) < 1e-6)

    let table = try zoo("reconstruct", "--model", model, image, "-o", "table.png")
    table.expectSuccess()
    #expect(table.lines.contains("reconstruction  table.png"))
    #expect(table.lines.contains("size            32×32"))
    let rounded = String(format: "%.1f", error)
    #expect(
      table.lines.contains("error           \(rounded) of 2048, mean absolute difference"))
    #expect(table.lines.suffix(2).first == "An echo of noise.")
    #expect(table.lines.last?.contains("not a medical device") == true)
    let files = try ["again.png", "table.png"].map {
      try Data(contentsOf: URL(fileURLWithPath: zoo.folder.file($0)))
    }
    #expect(files[0] == files[1])
  }

  @Test func refusalsLeaveNothing() throws {
    try zoo.folder.write("words".utf8, as: "words.png")
    try zoo("reconstruct", "--model", model, "words.png", "-o", "out.png")
      .expectFailure(naming: "words.png")
    try zoo("reconstruct", "--model", model, image, "-o", "no/out.png")
      .expectFailure(naming: "there is no folder")
    try zoo("predict", "--model", model, image).expectFailure(
      naming: "echo has no predictions; it gives latent, reconstruction")
    try zoo("segment", "--model", model, "-o", "masks", image).expectFailure(
      naming: "echo has no masks; it gives latent, reconstruction")
    try zoo("reconstruct", image, "-o", "out.png").expectFailure(
      naming: "run: zoo fetch resnetae-101-elastic --from FILE")
    #expect(zoo.files == ["words.png"])
  }

  @Test func benchAndExport() throws {
    let bench = try zoo("bench", model, "--runs", "1", "--batch", "2", "--format", "json")
    bench.expectSuccess()
    let times = try #require(bench.json() as? [String: Any])
    #expect(times["model"] as? String == "echo" && times["input"] as? [Int] == [2, 1, 32, 32])
    #expect(try #require(times["minimumMilliseconds"] as? Double) > 0)
    #expect(try zoo("bench", model, "--runs", "1").text.contains("An echo of noise."))
    let export = try zoo("export", model, "-o", "echo.onnx", "--fixed-size", "--format", "json")
    export.expectSuccess()
    let report = try #require(export.json() as? [String: Any])
    let outputs = try #require(report["outputs"] as? [[String: Any]])
    #expect(outputs.map { $0["name"] as? String } == ["latent", "reconstruction"])
    let shapes = outputs.map { ($0["shape"] as? [Any] ?? []).map { "\($0)" } }
    #expect(shapes == [["batch", "512", "1", "1"], ["batch", "1", "32", "32"]])
    try zoo("export", model, "-o", "other.onnx", "--size", "40").expectFailure(
      naming: "echo would reconstruct a 40×40 image as one of 32×32; bring it to 32×32 first")
    let square = CounterFill.symmetric("square", count: 1024, bound: 1024)
    try zoo.folder.write(NPY.file([1, 1, 32, 32], square), as: "x.npy")
    for (file, folder) in [("./echo.onnx", "onnx"), (model, "own")] {
      try zoo("run", file, "--input", "x.npy", "--output-dir", folder).expectSuccess()
    }
    for output in ["latent", "reconstruction"] {
      let values = try ["onnx", "own"].map {
        try NPY(zoo.folder.file("\($0)/\(output).npy")).floats
      }
      #expect(relativeDifference(values[0], values[1]) < 1e-5)
    }
    #expect(!zoo.files.contains("other.onnx"))
  }
}
