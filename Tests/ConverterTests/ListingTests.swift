import Converter
import GraphIR
import Testing

/// A listing says what reading would give, and looks at no value.
@Suite struct ListingTests {
  @Test(arguments: [".", "archives"])
  func everyFixtureIsListedAsItIsRead(folder: String) throws {
    for name in try Fixture.expected(folder).files.keys.sorted() {
      let path = try Fixture.path("\(folder)/\(name)")
      let listing = try CheckpointListing(contentsOf: path)
      let checkpoint = try Checkpoint(contentsOf: path)
      #expect(listing.summary == checkpoint.summary, "\(name)")
      #expect(listing.entries.map(\.name) == checkpoint.tensors.map(\.name), "\(name)")
      #expect(listing.entries.map(\.dtype) == checkpoint.tensors.map(\.tensor.dtype), "\(name)")
      #expect(listing.entries.map(\.shape) == checkpoint.tensors.map(\.tensor.shape), "\(name)")
    }
  }

  @Test func valuesAreNotLookedAt() throws {
    var archive = ZipBytes.checkpoint.bytes
    let value = PickleBytes.floats([1, 2, 3, 4])
    let start = try #require(
      archive.indices.dropLast(16).first { archive[$0...].starts(with: value) })
    archive[start] ^= 1
    var reader = try CheckpointReader(ByteStorage(archive), file: "test.pt")
    #expect(reader.listing.entries.map(\.name) == ["w"])
    do {
      _ = try reader.tensor(at: 0)
      Issue.record("read damaged values")
    } catch {
      #expect(error.reason == .wrongChecksum)
      #expect(error.tensor == "w")
      #expect(error.record == "a/data/0")
    }
  }

  @Test func claimsAreCheckedWithoutValues() {
    for file in [
      LegacyFile.tensor(size: [5], stride: [1]), LegacyFile.tensor(size: [-1], stride: [1]),
      LegacyFile.tensor(size: [1 << 30], stride: [0]), LegacyFile.tensor(size: [4], stride: [2]),
    ] {
      #expect(throws: CheckpointError.self) {
        try CheckpointReader(ByteStorage(file), file: "test.pt")
      }
    }
  }

  @Test func tensorsAreMadeOneAtATime() throws {
    var reader = try CheckpointReader(contentsOf: Fixture.path("geometries.zip.pt"))
    let whole = try Checkpoint(contentsOf: Fixture.path("geometries.zip.pt"))
    for index in reader.listing.entries.indices.reversed() {
      #expect(try reader.tensor(at: index).hex == whole.tensors[index].tensor.hex)
    }
  }
}
