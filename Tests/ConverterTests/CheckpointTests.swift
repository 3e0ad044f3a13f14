import Converter
import GraphIR
import Testing

/// Files that PyTorch wrote, against what PyTorch holds for them.
@Suite struct CheckpointTests {
  @Test(arguments: [(".", 45), ("archives", 22)])
  func everyFixtureGivesWhatPyTorchHolds(folder: String, count: Int) throws {
    let expected = try Fixture.expected(folder)
    #expect(expected.files.count >= count)
    for (name, file) in expected.files.sorted(by: { $0.key < $1.key }) {
      let checkpoint: Checkpoint
      do { checkpoint = try Checkpoint(contentsOf: Fixture.path("\(folder)/\(name)")) } catch {
        Issue.record("\(error)")
        continue
      }
      #expect(checkpoint.kind == file.kind, "\(name)")
      #expect(checkpoint.moduleClass == file.moduleClass, "\(name)")
      #expect(checkpoint.key == file.key, "\(name)")
      #expect(checkpoint.strippedPrefix == file.strippedPrefix ?? "", "\(name)")
      #expect(checkpoint.members == file.members ?? [], "\(name)")
      if let skipped = file.skipped {
        #expect(checkpoint.notes == [.skippedEntries(skipped)], "\(name)")
      }
      #expect(checkpoint.tensors.map(\.name) == file.tensors.map(\.name), "\(name)")
      for (found, wanted) in zip(checkpoint.tensors, file.tensors) {
        let place: Comment = "\(name): \(wanted.name)"
        #expect(found.tensor.torchName == wanted.dtype, place)
        #expect(found.tensor.shape == Shape(wanted.shape), place)
        #expect(found.tensor.hex == wanted.hex, place)
      }
    }
  }

  @Test func whatIsNoTensorIsSkippedAndSaid() throws {
    let checkpoint = try Checkpoint(contentsOf: Fixture.path("mixed.zip.pt"))
    let skipped = try #require(Fixture.expected().files["mixed.zip.pt"]?.skipped)
    #expect(checkpoint.notes == [.skippedEntries(skipped)])
    #expect(
      checkpoint.notes.map(\.description) == [
        "skipped 3 entries that are no tensors: “epoch”, “names”, “_extra_state”"
      ])
  }

  @Test func theWriterIsNamedWhereItSaysSo() throws {
    let checkpoint = try Checkpoint(contentsOf: Fixture.path("lightning.zip.pt"))
    #expect(checkpoint.producer == "PyTorch Lightning 1.6.0")
    #expect(try Checkpoint(contentsOf: Fixture.path("small.zip.pt")).producer == nil)
  }

  @Test func namesFindTensors() throws {
    let checkpoint = try Checkpoint(contentsOf: Fixture.path("small.zip.pt"))
    #expect(checkpoint["w"]?.floats() == [-17, -10, -3])
    #expect(checkpoint["b"]?.floats() == [1])
    #expect(checkpoint["c"] == nil)
    #expect(checkpoint.formatVersion == 3)
    #expect(checkpoint.notes.isEmpty)
  }

  @Test func legacyTensorsAreViewsOfTheFile() throws {
    let bytes = ByteStorage(try Fixture.bytes("small.legacy.pt"))
    let checkpoint = try Checkpoint(bytes, file: "test.pt")
    #expect(checkpoint.formatVersion == 1001)
    let whole = try #require(bytes.bytes.baseAddress)
    for named in checkpoint.tensors {
      named.tensor.withUnsafeBytes { values in
        let start = values.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        #expect(start >= whole && start < whole + bytes.bytes.count)
      }
    }
  }

  @Test func tiedWeightsShareTheirStorage() throws {
    for name in ["module.zip.pt", "module.legacy.pt"] {
      let checkpoint = try Checkpoint(contentsOf: Fixture.path(name))
      let starts = ["head.weight", "tied.weight"].map { key in
        checkpoint[key]?.withUnsafeBytes { $0.baseAddress }
      }
      #expect(starts[0] != nil && starts[0] == starts[1], "\(name)")
    }
  }

  @Test func tiedWeightsThatAreCopiedStayOne() throws {
    let tensor = PickleBytes.tensor(
      PickleBytes.storage(count: 4), size: [2, 2], stride: [1, 2])
    let file = LegacyFile.withFourFloats(
      PickleBytes.stateDict([("a", tensor), ("b", tensor), ("c", LegacyFormTests.matrix)]))
    let checkpoint = try Checkpoint(bytes: file)
    #expect(checkpoint["a"]?.floats() == [1, 3, 2, 4])
    let starts = ["a", "b", "c"].map { key in
      checkpoint[key]?.withUnsafeBytes { $0.baseAddress }
    }
    #expect(starts[0] != nil && starts[0] == starts[1])
    #expect(starts[0] != starts[2])
  }

  @Test func aKeyChoosesBetweenModels() throws {
    let path = try Fixture.path("hostile/ambiguous.pt")
    #expect(try Checkpoint(contentsOf: path, key: "encoder")["w"]?.floats() == [1])
    #expect(try Checkpoint(contentsOf: path, key: "decoder")["w"]?.floats() == [0])
    let nested = try Fixture.path("wrapped-twice.zip.pt")
    let checkpoint = try Checkpoint(contentsOf: nested, key: "model/state_dict")
    #expect(checkpoint.key == "model/state_dict")
    #expect(checkpoint["steps"]?.floats() == [9])
  }

  @Test func missingChecksumsAndTrailingBytesAreSaid() throws {
    let checkpoint = try Checkpoint(contentsOf: Fixture.path("no-checksums.zip.pt"))
    #expect(checkpoint.notes == [.noChecksums])
    let longer = try Checkpoint(bytes: Fixture.bytes("small.legacy.pt") + [1, 2, 3])
    #expect(longer.notes == [.trailingBytes(3)])
  }
}
