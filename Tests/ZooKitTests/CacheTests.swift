import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// Fetching into the cache and loading from it.
@Suite struct CacheTests {
  @Test func aModelThatIsNotHereSaysWhereToGetIt() throws {
    let fixture = try Fixture()
    let error = ZooError.notCached(
      model: "tiny-chest", url: "https://example.org/weights/tiny-chest.pt")
    #expect(throws: error) { try fixture.zoo.load("tiny") }
    #expect(throws: error) { try fixture.zoo.fetch("tiny") }
    #expect(try !fixture.zoo.isCached(fixture.zoo.manifest.entry(named: "tiny")))
    #expect(fixture.folder.names.isEmpty)
  }

  @Test func theFileOfTorchxrayvisionIsFoundAndConverted() throws {
    let fixture = try Fixture()
    try fixture.download("module.legacy.pt", as: "tiny-chest.pt")
    #expect(try fixture.zoo.isCached(fixture.zoo.manifest.entry(named: "tiny")))
    let model = try fixture.zoo.load("tiny")
    #expect(model.description.name == "tiny-chest")
    let cached = fixture.cache + "/tiny-chest.safetensors"
    #expect(fixture.zoo.cache.url(of: "tiny-chest").path == cached)
    try fixture.zoo.verify(cached)
    // Once it is cached the source is not needed.
    try FileManager.default.removeItem(atPath: fixture.home)
    _ = try fixture.zoo.load("tiny-chest")
    #expect(try fixture.zoo.fetch("tiny") == nil)
  }

  @Test func anotherFileInTorchxrayvisionsFolderIsRefused() throws {
    let fixture = try Fixture()
    try fixture.download("module.zip.pt", as: "tiny-chest.pt")
    let file = fixture.home + "/.torchxrayvision/models_data/tiny-chest.pt"
    let error = ZooError.otherDigest(file: file, model: "tiny-chest")
    #expect(throws: error) { try fixture.zoo.load("tiny") }
    #expect(throws: error) { try fixture.zoo.fetch("tiny") }
    #expect(!fixture.zoo.cache.contains("tiny-chest"))
    // Whoever names it means it.
    let conversion = try #require(try fixture.zoo.fetch("tiny", from: file))
    #expect(conversion.sourceKind == "pytorch-zip-module")
    #expect(try fixture.zoo.load("tiny").description.labels.count == 5)
  }

  @Test func thePublishedFileOfAnotherModelIsRefused() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: ZooFixtures.path("manifest.json"), encoding: .utf8)
    let start = try #require(text.range(of: "    {\n      \"name\": \"tiny-chest\""))
    let end = try #require(text.range(of: "    {\n      \"name\": \"tiny-colour\""))
    let twin = text[start.lowerBound..<end.lowerBound]
      .replacing("\"tiny-chest\"", with: "\"twin\"").replacing("\"tiny\"", with: "\"other\"")
      .replacing(/"sha256": "[0-9a-f]*"/, with: "\"sha256\": null")
    let manifest = text.replacingCharacters(in: start.lowerBound..<start.lowerBound, with: twin)
    let fixture = try Fixture(manifest: folder.write(manifest.utf8, as: "manifest.json"))
    let file = ZooFixtures.path("module.legacy.pt")
    #expect(throws: ZooError.otherModel(file: file, model: "twin", found: "tiny-chest")) {
      try fixture.zoo.fetch("twin", from: file)
    }
    #expect(!fixture.zoo.cache.contains("twin"))
    // Another file of that network may be either.
    try fixture.zoo.fetch("twin", from: ZooFixtures.path("parallel.zip.pt"))
  }

  @Test func fetchingFromAFileReplacesWhatIsCached() throws {
    let fixture = try Fixture()
    for file in ["parallel.zip.pt", "module.zip.pt"] {
      let conversion = try #require(try fixture.zoo.fetch("tiny", from: ZooFixtures.path(file)))
      let report = try fixture.zoo.inspect(conversion.output.path)
      #expect(report.metadata.contains { $0.name == "source file" && $0.value == file })
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.cache)
        == ["tiny-chest.safetensors"])
  }

  @Test func aFileThatDoesNotFitLeavesTheCacheAlone() throws {
    let fixture = try Fixture()
    try fixture.zoo.fetch("tiny", from: ZooFixtures.path("parallel.zip.pt"))
    let cached = fixture.zoo.cache.url(of: "tiny-chest")
    let before = try Data(contentsOf: cached)
    for file in ["fewer.legacy.pt", "system.pt", "wide.png", "near-miss.legacy.pt"] {
      #expect(throws: (any Error).self) {
        try fixture.zoo.fetch("tiny", from: ZooFixtures.path(file))
      }
    }
    #expect(try Data(contentsOf: cached) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.cache)
        == ["tiny-chest.safetensors"])
  }

  @Test func theManifestHasTheLastWordOnLabels() throws {
    let fixture = try Fixture()
    try fixture.zoo.fetch("tiny", from: ZooFixtures.path("parallel.zip.pt"))
    let manifest = try String(contentsOfFile: ZooFixtures.path("manifest.json"), encoding: .utf8)
      .replacing("\"Mass\"", with: "\"Nodule\"")
    let path = try fixture.folder.write(manifest.utf8, as: "manifest.json")
    let zoo = Zoo(
      architectures: Zoo.builtInArchitectures, manifest: URL(fileURLWithPath: path),
      cache: fixture.zoo.cache, home: URL(fileURLWithPath: fixture.home))
    #expect(try zoo.load("tiny").description.labels.outputs[3] == "Nodule")
  }

  @Test func aCachedFileOfAnotherNetworkIsRefused() throws {
    let fixture = try Fixture()
    try FileManager.default.createDirectory(
      atPath: fixture.cache, withIntermediateDirectories: true)
    let cached = fixture.zoo.cache.url(of: "tiny-chest")
    try fixture.zoo.convert(ZooFixtures.path("fewer.legacy.pt"), to: cached.path)
    let text = try #require(message { _ = try fixture.zoo.load("tiny") })
    #expect(text.contains(cached.path))
    #expect(text.contains("classCount is 4 instead of 5"))
  }

  @Test func fetchingMendsADamagedFileWhereItCan() throws {
    let fixture = try Fixture()
    try fixture.zoo.fetch("tiny", from: ZooFixtures.path("module.legacy.pt"))
    let cached = fixture.zoo.cache.url(of: "tiny-chest")
    let sound = try Data(contentsOf: cached)
    var damaged = sound
    damaged[damaged.count - 100] ^= 1
    try damaged.write(to: cached)
    #expect(throws: (any Error).self) { try fixture.zoo.load("tiny") }
    let text = try #require(message { try fixture.zoo.fetch("tiny") })
    #expect(text.contains(cached.path))
    #expect(try Data(contentsOf: cached) == damaged)
    // Now the source is there.
    try fixture.download("module.legacy.pt", as: "tiny-chest.pt")
    #expect(try fixture.zoo.fetch("tiny") != nil)
    #expect(try fixture.zoo.load("tiny").description.name == "tiny-chest")
  }

  @Test func userManifestsAddToTheBuiltInList() throws {
    let fixture = try Fixture()
    let names = try fixture.zoo.manifest.entries.map(\.name)
    #expect(names.suffix(2) == ["tiny-chest", "tiny-colour"])
    #expect(names.contains("densenet121-res224-all"))
    let bare = try Fixture(manifest: nil)
    #expect(try bare.zoo.manifest.entries.count == names.count - 2)
  }

  @Test func aFaultyManifestIsToldWhenAModelIsAskedFor() throws {
    let missing = try Fixture(manifest: "/nonexistent/manifest.json")
    let text = try #require(message { _ = try missing.zoo.load("tiny") })
    #expect(text.contains("/nonexistent/manifest.json"))
    let folder = try TemporaryFolder()
    let path = try folder.write("{\"format\": 1".utf8, as: "broken.json")
    let broken = try Fixture(manifest: path)
    #expect(try #require(message { _ = try broken.zoo.load("tiny") }).contains(path))
    // Files need no manifest.
    _ = try broken.zoo.load(ZooFixtures.path("parallel.zip.pt"))
  }

  @Test func aNameIsAModelAPathIsAFile() throws {
    let fixture = try Fixture()
    let error = ZooError.unknownModel("tiny-chst", nearest: "tiny-chest")
    #expect(throws: error) { try fixture.zoo.load("tiny-chst") }
    #expect(throws: ZooError.unknownModel("unlike anything", nearest: nil)) {
      try fixture.zoo.load("unlike anything")
    }
    // With a slash it is a path even if a model has the name.
    let text = try #require(message { _ = try fixture.zoo.load("./tiny") })
    #expect(text.contains("./tiny"))
  }
}
