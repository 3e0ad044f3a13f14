import Converter
import GraphIR
import Testing

/// Zip archives of checkpoints: members chosen by key, and archives that ask for too much.
@Suite struct EnsembleTests {
  typealias P = PickleBytes

  static let paths = [
    "saved/top0/iter_0.pth.tar", "saved/top0/iter_1.pth.tar", "saved/top1/iter_2.pth.tar",
  ]

  @Test(arguments: ["ensemble-stored.zip", "ensemble-deflated.zip"])
  func aKeyChoosesAMember(name: String) throws {
    let path = try Fixture.path("archives/\(name)")
    let whole = try Checkpoint(contentsOf: path)
    #expect(whole.members == Self.paths)
    for (index, member) in Self.paths.enumerated() {
      for key in [member, String(member.dropLast(8)), member + "/model_state"] {
        let part = try Checkpoint(contentsOf: path, key: key)
        #expect(part.members == [member])
        #expect(part.key == member + "/model_state")
        #expect(part.tensors.map(\.name) == ["conv.weight", "conv.bias"])
        #expect(
          part["conv.weight"]?.hex == whole["saved/top\(index / 2)/iter_\(index)/conv.weight"]?.hex)
      }
    }
    do {
      _ = try Checkpoint(contentsOf: path, key: "saved/top0/iter_9.pth.tar")
      Issue.record("read a member that is not there")
    } catch {
      #expect(error.reason == .missingKey("saved/top0/iter_9.pth.tar", keys: Self.paths))
    }
  }

  func archive(_ entries: [(String, [UInt8])]) -> [UInt8] {
    ZipBytes(entries: entries.map { .init(name: $0.0, bytes: $0.1) }).bytes
  }

  @Test func namesThatDifferByTheirExtensionKeepIt() throws {
    let one = LegacyFile.tensor(size: [4], stride: [1])
    let bytes = archive([("a.pt", one), ("a.pth", one)])
    #expect(try Checkpoint(bytes: bytes).tensors.map(\.name) == ["a.pt/w", "a.pth/w"])
    let different = archive([("a.pt", one), ("b.pth", one), (".pt", one)])
    #expect(try Checkpoint(bytes: different).tensors.map(\.name) == ["a/w", "b/w", ".pt/w"])
  }

  @Test func tensorsOfOneNameAreRefused() {
    func file(_ name: String) -> [UInt8] {
      LegacyFile.withFourFloats(P.stateDict([(name, LegacyFormTests.matrix)]))
    }
    let bytes = archive([("a.pt", file("b/c")), ("a/b.pt", file("c"))])
    #expect(refusal(bytes) == .duplicateEntry)
    #expect(refusal(archive([("a.pt", file("b/d")), ("a/b.pt", file("c"))])) == nil)
  }

  /// Each of many small members may inflate less than a file of its own.
  @Test func membersMayNotInflateFar() throws {
    let bomb = try Fixture.bytes("hostile/bomb.pt")
    let one = LegacyFile.tensor(size: [4], stride: [1])
    #expect(
      refusal(archive([("a.pt", one), ("b.pt", bomb)]))
        == .inflatesTooFar(size: 20 << 20, maximum: 2 * bomb.count))
  }

  @Test func otherFilesAreLeftAlone() throws {
    let one = LegacyFile.tensor(size: [4], stride: [1])
    let inner = archive([("x.pt", one)])
    let bytes = archive([("a.pt", one), ("b.pt", one), ("c.zip", inner), ("d.txt", [1, 2, 3])])
    let checkpoint = try Checkpoint(bytes: bytes)
    #expect(checkpoint.tensors.map(\.name) == ["a/w", "b/w"])
    #expect(checkpoint.notes == [.skippedEntries(["c.zip"])])
    // Nothing but archives within archives is no checkpoint.
    #expect(refusal(archive([("c.zip", inner)])) == .unsupportedKind(.zip))
    #expect(refusal(archive([("d.txt", [1, 2, 3])])) == .unsupportedKind(.zip))
  }

  @Test func faultsOfAMemberNameIt() throws {
    let one = LegacyFile.tensor(size: [4], stride: [1])
    let bytes = archive([("a.pt", one), ("b.pt", LegacyFile.tensor(size: [5], stride: [1]))])
    do {
      _ = try Checkpoint(bytes: bytes)
      Issue.record("read")
    } catch {
      #expect(error.file == "test.pt/b.pt")
      #expect(error.reason == .outOfBounds(needed: 5, available: 4))
    }
    let attack = LegacyFile(object: P.global("os", "system")).bytes
    #expect(
      refusal(archive([("a.pt", one), ("b.pt", attack)])) == .forbiddenName("os.system"))
  }

  /// Legacy files have no checksums of their own: the archive's is compared before a value is given.
  @Test func damagedValuesAreNoticedWhenTheyAreRead() throws {
    let one = LegacyFile.tensor(size: [4], stride: [1])
    for paths in [["a.pt"], ["a.pt", "b.pt"]] {
      var bytes = archive(paths.map { ($0, one) })
      let value = P.floats([1, 2, 3, 4])
      let start = try #require(bytes.indices.first { bytes[$0...].starts(with: value) })
      bytes[start] ^= 1
      var reader = try CheckpointReader(ByteStorage(bytes), file: "test.zip")
      #expect(reader.listing.entries.count == paths.count)
      do {
        _ = try reader.tensor(at: 0)
        Issue.record("read damaged values")
      } catch {
        #expect(error.reason == .wrongChecksum)
        #expect(error.record == "a.pt")
      }
    }
  }

  @Test func tooManyMembers() {
    let one = LegacyFile.tensor(size: [4], stride: [1])
    let maximum = TorchEnsemble.maximumMembers
    let bytes = archive((0...maximum).map { ("\($0).pt", one) })
    #expect(refusal(bytes) == .limit(.members, maximum: maximum))
  }
}
