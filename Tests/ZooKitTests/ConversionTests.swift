import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

@Suite struct ConversionTests {
  /// Every container and content that holds the model of one channel.
  static let sources = [
    ("module.legacy.pt", "pytorch-legacy-module"), ("module.zip.pt", "pytorch-zip-module"),
    ("parallel.zip.pt", "pytorch-zip-state-dict"), ("points.zip.pt", "pytorch-zip-state-dict"),
    ("plain.safetensors", "safetensors"),
  ]

  @Test(arguments: sources)
  func nativeFileHoldsTheTensorsOfPyTorch(_ source: String, _ kind: String) throws {
    let fixture = try Fixture()
    let output = fixture.folder.file("out.safetensors")
    let conversion = try fixture.zoo.convert(ZooFixtures.path(source), to: output)
    #expect(conversion.sourceKind == kind)
    #expect(conversion.network?.architecture == "densenet")
    #expect(conversion.rounding == nil)
    #expect(conversion.tensors.count == fixture.answers.tensors.count)
    try fixture.zoo.verify(output)

    let tensors = try RawSafetensors(output).tensors
    #expect(Set(tensors.keys) == Set(fixture.answers.tensors.keys))
    for (name, expected) in fixture.answers.tensors {
      #expect(tensors[name]?.dtype == "F32", "\(name)")
      #expect(tensors[name]?.shape == expected.shape, "\(name)")
      #expect(tensors[name]?.bytes == expected.bytes, "\(name)")
    }
  }

  @Test(arguments: sources.map(\.0))
  func filesOfAllKindsRunAsTheReference(_ source: String) throws {
    let fixture = try Fixture()
    let outputs = try fixture.zoo.load(ZooFixtures.path(source)).run(fixture.images())
    let expected = fixture.answers.gray
    #expect(outputs["logits"]?.shape == [2, 5])
    #expect(outputs["featureMap"]?.shape == [2, 10, 8, 8])
    #expect(relativeDifference(outputs["logits"]?.values ?? [], expected.logits) < 1e-4)
    #expect(relativeDifference(outputs["features"]?.values ?? [], expected.features) < 1e-4)
    #expect(
      relativeDifference(outputs["featureMap"]?.values ?? [], expected.featureMap ?? []) < 1e-4)
  }

  @Test func convertingTwiceGivesTheSameBytes() throws {
    let fixture = try Fixture()
    let paths = ["a", "b"].map { fixture.folder.file($0) }
    for path in paths { try fixture.zoo.convert(ZooFixtures.path("module.legacy.pt"), to: path) }
    let bytes = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(bytes[0] == bytes[1])
  }

  @Test func theOutputStandsBesideTheInputUnlessNamed() throws {
    let fixture = try Fixture()
    let input = try fixture.folder.copy("parallel.zip.pt", as: "best.model.pt")
    #expect(
      try fixture.zoo.convert(input).output.path == fixture.folder.file("best.model.safetensors"))
    #expect(fixture.folder.names == ["best.model.pt", "best.model.safetensors"])
  }

  @Test func theOutputNeverReplacesTheInput() throws {
    let fixture = try Fixture()
    let input = try fixture.folder.copy("plain.safetensors", as: "m.safetensors")
    let link = fixture.folder.file("link.safetensors")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: input)
    for output in [nil, input, link, fixture.folder.path + "/./m.safetensors"] {
      #expect(throws: ZooError.outputIsInput(output ?? input)) {
        try fixture.zoo.convert(input, to: output)
      }
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: input))
    #expect(
      try bytes == Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path("plain.safetensors"))))
  }

  @Test func namingTheModelGivesItsLabels() throws {
    let fixture = try Fixture()
    let output = fixture.folder.file("out.safetensors")
    let conversion = try fixture.zoo.convert(
      ZooFixtures.path("parallel.zip.pt"), to: output, as: "tiny")
    #expect(conversion.network?.description?.name == "tiny-chest")
    // Read back by a zoo that does not know the entry: the file itself says it all.
    let model = try Zoo(architectures: Zoo.builtInArchitectures, manifest: nil).load(output)
    #expect(
      model.description.labels.outputs
        == ["Edema", "Lung Opacity", nil, "Mass", "Effusion, \"left\""])
    #expect(model.description == conversion.network?.description)
    #expect(model.description.input.resolution == 64)
  }

  @Test func aPublishedFileIsRecognisedByItsDigest() throws {
    let fixture = try Fixture()
    let output = fixture.folder.file("out.safetensors")
    let copy = try fixture.folder.copy("module.legacy.pt", as: "renamed.jpg")
    let conversion = try fixture.zoo.convert(copy, to: output)
    #expect(conversion.network?.description?.name == "tiny-chest")
    let report = try fixture.zoo.inspect(output)
    #expect(report.kind == "native")
    #expect(
      report.metadata.contains {
        $0.name == "source address" && $0.value == "https://example.org/weights/tiny-chest.pt"
      })
    // The same weights in another file are not the published file.
    let other = try fixture.zoo.convert(
      ZooFixtures.path("module.zip.pt"), to: fixture.folder.file("other.safetensors"))
    #expect(other.network?.description?.name == "module.zip")
    #expect(other.network?.description?.labels.outputs == (0..<5).map { "output \($0)" })
  }

  @Test func operatingPointsOfTheFileCalibrate() throws {
    let fixture = try Fixture()
    let model = try fixture.zoo.load(ZooFixtures.path("points.zip.pt"))
    let points = try #require(model.description.operatingPoints)
    #expect(points.map { $0.map { Float($0) } } == [0.2, 0.6, 0.35, nil, 0.45])
    let native = fixture.folder.file("out.safetensors")
    try fixture.zoo.convert(ZooFixtures.path("points.zip.pt"), to: native)
    #expect(try fixture.zoo.load(native).description.operatingPoints == points)
  }

  @Test(arguments: [(DType.float16, "f16"), (.bfloat16, "bf16")])
  func smallerTypesAreRoundedAsPyTorchRoundsThem(_ dtype: DType, _ name: String) throws {
    let fixture = try Fixture()
    let expected = name == "f16" ? fixture.answers.f16 : fixture.answers.bf16
    let output = fixture.folder.file("out.safetensors")
    let conversion = try fixture.zoo.convert(
      ZooFixtures.path("module.legacy.pt"), to: output, options: .init(dtype: dtype))
    #expect(conversion.rounding?.absolute == Double(expected.loss))
    // What the type cannot hold stays exact and is told, it does not become infinite.
    for tensor in try fixture.zoo.inspect(output).tensors {
      #expect(tensor.dtype == (expected.kept.contains(tensor.name) ? .float32 : dtype))
    }
    for tensor in conversion.tensors {
      #expect((tensor.rounding == nil) == expected.kept.contains(tensor.name))
    }
    let logits = try fixture.zoo.load(output).run(fixture.images())["logits"]?.values ?? []
    #expect(relativeDifference(logits, expected.logits) < 1e-4)
    #expect(logits != fixture.answers.gray.logits)
  }

  @Test func convertingANativeFileKeepsWhatItSays() throws {
    let fixture = try Fixture()
    let (first, second) = (fixture.folder.file("a"), fixture.folder.file("b"))
    let original = try fixture.zoo.convert(
      ZooFixtures.path("parallel.zip.pt"), to: first, as: "tiny")
    let bare = Zoo(architectures: Zoo.builtInArchitectures, manifest: nil)
    let again = try bare.convert(first, to: second, options: .init(dtype: .bfloat16))
    #expect(again.network?.description == original.network?.description)
    #expect(try bare.load(second).description == original.network?.description)
  }
}
