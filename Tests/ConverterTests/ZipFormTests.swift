import Converter
import GraphIR
import Testing

/// The forms of a zip archive, and archives whose headers contradict each other.
@Suite struct ZipFormTests {
  typealias P = PickleBytes

  func changed(_ change: (inout ZipBytes) -> Void) -> [UInt8] {
    var archive = ZipBytes.checkpoint
    change(&archive)
    return archive.bytes
  }

  func everyEntry(_ change: (inout ZipBytes.Entry) -> Void) -> [UInt8] {
    changed { archive in for index in archive.entries.indices { change(&archive.entries[index]) } }
  }

  @Test func plainFormsAreRead() throws {
    let forms: [(String, [UInt8])] = [
      ("plain", ZipBytes.checkpoint.bytes),
      ("64-bit fields", everyEntry { $0.isWide = true }),
      ("descriptors", everyEntry { $0.hasDescriptor = true }),
      ("64-bit end", changed { $0.hasWideEnd = true }),
      ("values before the pickle", changed { $0.entries.reverse() }),
      ("a comment", changed { $0.comment = Array("PK\u{5}\u{6} no end".utf8) }),
      (
        "everything in 64 bits",
        changed {
          $0.hasWideEnd = true
          for index in $0.entries.indices { $0.entries[index].isWide = true }
        }
      ),
    ]
    for (form, bytes) in forms {
      let checkpoint = try Checkpoint(bytes: bytes)
      #expect(checkpoint["w"]?.floats() == [1, 2, 3, 4], "\(form)")
    }
  }

  @Test func recordsBeyondSixteenBits() throws {
    let bytes = changed { archive in
      archive.hasWideEnd = true
      archive.entries += (0..<70_000).map { .init(name: "a/x\($0)", bytes: []) }
    }
    #expect(try Checkpoint(bytes: bytes)["w"]?.floats() == [1, 2, 3, 4])
  }

  @Test func tooManyRecords() {
    let maximum = ZipArchive.maximumEntries
    let bytes = changed { archive in
      archive.hasWideEnd = true
      archive.entries += (0..<maximum).map { .init(name: "\($0)", bytes: []) }
    }
    #expect(refusal(bytes) == .limit(.entries, maximum: maximum))
  }

  @Test func tensorsAreViewsOfTheArchive() throws {
    let bytes = ByteStorage(ZipBytes.checkpoint.bytes)
    let whole = try #require(bytes.bytes.baseAddress)
    let checkpoint = try Checkpoint(bytes, file: "test.pt")
    let start = try #require(checkpoint["w"]?.withUnsafeBytes { $0.baseAddress })
    #expect(start >= whole && start < whole + bytes.bytes.count)
  }

  static let lies: [(String, ZipBytes, CheckpointError.Reason?)] = {
    func lie(_ index: Int, _ change: (inout ZipBytes.Entry) -> Void) -> ZipBytes {
      var archive = ZipBytes.checkpoint
      change(&archive.entries[index])
      return archive
    }
    let value = P.floats([1, 2, 3, 4])
    var shared = ZipBytes.checkpoint
    shared.entries.append(.init(name: "a/data/0", bytes: value))
    var counting = ZipBytes.checkpoint
    counting.claimedCount = 2
    var counted = ZipBytes.checkpoint
    counted.claimedCount = 4
    var wide = ZipBytes.checkpoint
    wide.hasWideEnd = true
    wide.claimedCount = 1 << 40
    return [
      ("two of one name", shared, .duplicateEntry),
      ("an entry at another's place", lie(1) { $0.claimedOffset = 0 }, nil),
      ("an entry behind the end", lie(1) { $0.claimedOffset = 1 << 20 }, nil),
      (
        "an entry beyond 64 bits",
        lie(1) {
          $0.isWide = true
          $0.claimedOffset = -1
        }, nil
      ),
      (
        "a size beyond 64 bits",
        lie(1) {
          $0.isWide = true
          $0.claimedSize = -1
        }, nil
      ),
      ("a size of the whole file", lie(1) { $0.claimedSize = 300 }, nil),
      ("another name in the header", lie(1) { $0.headerName = "a/data/1" }, nil),
      (
        "a climbing name", lie(1) { $0.name = "a/../../data/0" }, .unsafeEntryName("a/../../data/0")
      ),
      ("an absolute name", lie(1) { $0.name = "/data/0" }, .unsafeEntryName("/data/0")),
      ("a backslash", lie(1) { $0.name = "a\\data" }, .unsafeEntryName("a\\data")),
      ("an encrypted entry", lie(1) { $0.flags = 1 }, nil),
      (
        "a compression that is not known", lie(1) { $0.method = 12 },
        .unsupportedCompression(method: 12)
      ),
      ("values that are not deflated", lie(1) { $0.method = 8 }, nil),
      ("one record too few", counting, nil),
      ("one record too many", counted, nil),
      ("a trillion records", wide, nil),
    ]
  }()

  @Test(arguments: lies)
  func liesAreRefused(what: String, archive: ZipBytes, reason: CheckpointError.Reason?) {
    let found = refusal(archive.bytes)
    #expect(found != nil, "\(what)")
    if let reason { #expect(found == reason, "\(what)") }
  }

  /// An entry inside the bytes of another, whose header is as good as any: both could be read.
  @Test func entriesThatShareBytesAreRefused() throws {
    var inner = ZipBytes.checkpoint
    inner.entries = [inner.entries[1]]
    let hidden = inner.bytes.prefix(30 + 8 + 16)
    var archive = ZipBytes.checkpoint
    archive.entries[1].bytes = Array(hidden)
    archive.entries[1].name = "a/data/1"
    let place = 30 + 10 + archive.entries[0].bytes.count + 30 + 8
    archive.entries.append(
      .init(name: "a/data/0", bytes: P.floats([1, 2, 3, 4]), claimedOffset: place))
    #expect(refusal(archive.bytes) == .overlappingEntries)
    archive.entries[3].claimedOffset = nil
    #expect(refusal(archive.bytes) == nil)
  }
}
