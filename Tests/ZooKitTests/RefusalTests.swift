import Foundation
import Testing
import XRayZoo
import ZooFixtures

/// Files whose tensors are not what they should be.
@Suite struct RefusalTests {
  @Test func aNearMissIsToldNameByName() throws {
    let fixture = try Fixture()
    let path = ZooFixtures.path("near-miss.legacy.pt")
    let differences: [TensorMismatch] = [
      .renamed(
        "features.transition1.norm.weight", found: "features.transition1.norm.weigth"),
      .shape("classifier.bias", expected: [5], found: [7]), .unexpected("features.late.weight"),
    ]
    let expected = ZooError.mismatch(
      file: path, architecture: "densenet", needed: fixture.answers.tensors.count, differences)
    #expect(throws: expected) {
      try fixture.zoo.convert(path, to: fixture.folder.file("out.safetensors"))
    }
    #expect(fixture.folder.names.isEmpty)
    #expect(throws: expected) { try fixture.zoo.load(path) }
    let report = try fixture.zoo.inspect(path)
    #expect(report.architecture == nil)
    #expect(report.mismatch.map { $0 + ":" } == expected.lines[0])
    #expect(report.differences == differences)
  }

  @Test func aFarMissIsCutShort() throws {
    let fixture = try Fixture()
    let text = try #require(
      message { _ = try fixture.zoo.load(ZooFixtures.path("far-miss.legacy.pt")) })
    // Eight norm tensors are missing, five others are too many.
    let lines = text.split(separator: "\n")
    #expect(lines.count == 12)
    #expect(
      lines[1...8].allSatisfy { $0.hasPrefix("  features.norm") && $0.hasSuffix(" is missing") })
    #expect(lines[9] == "  \"features.extra0.weight\" is not needed")
    #expect(lines[10] == "  \"features.extra1.weight\" is not needed")
    #expect(lines[11] == "  and 3 more")
  }

  private static let known = Zoo.builtInArchitectures.map(\.id)

  @Test func foreignTensorsBelongToNoArchitecture() throws {
    let fixture = try Fixture()
    let path = ZooFixtures.path("linear.zip.pt")
    let known = Zoo.builtInArchitectures.map(\.id)
    #expect(throws: ZooError.unrecognized(file: path, tensorCount: 2, known: known)) {
      try fixture.zoo.load(path)
    }
  }

  @Test func anImpossibleConfigurationNamesTheFile() throws {
    let fixture = try Fixture()
    let path = ZooFixtures.path("no-bottleneck.legacy.pt")
    let text = try #require(
      message { try fixture.zoo.convert(path, to: fixture.folder.file("out.safetensors")) })
    #expect(text.contains(path))
    #expect(text.contains("bottleneckFactor"))
    #expect(fixture.folder.names.isEmpty)
  }

  @Test func impossibleOperatingPointsNameTheFile() throws {
    let fixture = try Fixture()
    let path = ZooFixtures.path("bad-points.legacy.pt")
    let text = try #require(
      message { try fixture.zoo.convert(path, to: fixture.folder.file("out.safetensors")) })
    #expect(text.contains(path))
    #expect(text.contains("1.5"))
    #expect(fixture.folder.names.isEmpty)
  }

  @Test func anUnknownArchitectureGivesTheNearest() throws {
    let fixture = try Fixture()
    let known = Zoo.builtInArchitectures.map(\.id)
    #expect(throws: ZooError.unknownArchitecture("densnet", known: known)) {
      try fixture.zoo.convert(
        ZooFixtures.path("parallel.zip.pt"), to: fixture.folder.file("out"),
        options: .init(architecture: "densnet"))
    }
    let error = ZooError.unknownArchitecture("densnet", known: known)
    #expect("\(error)".contains("did you mean densenet?"))
  }

  @Test func anotherConfigurationIsToldMemberByMember() throws {
    let fixture = try Fixture()
    let path = ZooFixtures.path("fewer.legacy.pt")
    let text = message {
      try fixture.zoo.convert(path, to: fixture.folder.file("out"), as: "tiny")
    }
    #expect(
      text == "\(path): holds another network than tiny-chest: classCount is 4 instead of 5")
    #expect(fixture.folder.names.isEmpty)
  }

  @Test func anotherArchitectureIsTold() throws {
    let fixture = try Fixture()
    let manifest = try String(contentsOfFile: ZooFixtures.path("manifest.json"), encoding: .utf8)
      .replacing("\"id\": \"densenet\"", with: "\"id\": \"resnet\"")
    let path = try fixture.folder.write(manifest.utf8, as: "manifest.json")
    let zoo = Zoo(
      architectures: Zoo.builtInArchitectures, manifest: URL(fileURLWithPath: path),
      cache: fixture.zoo.cache, home: URL(fileURLWithPath: fixture.home))
    let file = ZooFixtures.path("parallel.zip.pt")
    let error = ZooError.otherArchitecture(
      file: file, model: "tiny-chest", expected: "resnet", found: "densenet")
    #expect(throws: error) { try zoo.convert(file, to: fixture.folder.file("out"), as: "tiny") }
  }
}
