import Converter
import GraphIR
import Testing

/// Tar checkpoints that lie, in the archive's headers or in the members' records.
@Suite struct HostileTarTests {
  typealias P = PickleBytes
  typealias T = TarBytes

  @Test func theHandWrittenFileIsRead() throws {
    #expect(try Checkpoint(bytes: T.checkpoint())["w"]?.floats() == [1, 2, 3, 4])
    // Numbers may be numbers, and a line of text.
    for id in [P.int(9) + [0x51], Array("P9\n".utf8)] {
      let file = T.checkpoint(object: P.stateDict([("w", id)]))
      #expect(try Checkpoint(bytes: file)["w"]?.floats() == [1, 2, 3, 4])
    }
    let views = P.emptyList + P.mark + P.ints([8, 7, 1, 2]) + [0x65]
    let part = T.checkpoint(
      storages: T.storages(views: views), tensors: T.tensors(storage: 8, shape: 2))
    #expect(try Checkpoint(bytes: part)["w"]?.floats() == [2, 3])
  }

  static let archives: [(String, [UInt8], CheckpointError.Reason?)] = {
    let good = T.checkpoint()
    var damaged = good
    damaged[0] ^= 1
    func sized(_ size: String) -> [UInt8] { T.header("storages", size: size) + good.dropFirst(512) }
    var binary = T.header("storages", size: "")
    binary.replaceSubrange(124..<136, with: [0x80] + [UInt8](repeating: 0xff, count: 11))
    var wide = T.header("storages", size: "")
    wide.replaceSubrange(124..<136, with: [0x80, 0, 0, 0] + [UInt8](repeating: 0xff, count: 8))
    let many = (0..<5_000).flatMap { T.member("\($0)", []) }
    return [
      ("a wrong checksum", damaged, .unsupportedKind(.tar)),
      ("a size beyond the file", sized("77777777777"), nil),
      ("a negative size", sized("-1"), nil),
      ("a size that is none", sized("9x"), nil),
      ("a size of 88 bits", T.summed(binary) + good.dropFirst(512), nil),
      ("a size of 64 bits", T.summed(wide) + good.dropFirst(512), nil),
      (
        "two of one name", T.member("storages", [1]) + good, .duplicateEntry
      ),
      ("no tensors", T.archive([("storages", T.storages())]), .missingMember("tensors")),
      ("too many members", T.member("sys_info", []) + many, .limit(.entries, maximum: 4_096)),
      ("a link in place of a member", T.header("storages", size: "0", kind: 0x32), nil),
    ]
  }()

  @Test(arguments: archives)
  func archivesAreRefused(what: String, bytes: [UInt8], reason: CheckpointError.Reason?) {
    let found = refusal(bytes)
    #expect(found != nil, "\(what)")
    if let reason { #expect(found == reason, "\(what)") }
  }

  static let records: [(String, [UInt8], CheckpointError.Reason)] = {
    func views(_ numbers: [Int]) -> [UInt8] {
      T.checkpoint(
        storages: T.storages(views: P.emptyList + P.mark + P.ints(numbers) + [0x65]))
    }
    return [
      (
        "more storages than there are", T.checkpoint(storages: T.storages(count: 2)),
        .invalidTarRecord(.noStorage)
      ),
      (
        "storages without number", T.checkpoint(storages: T.storages(count: -1)),
        .invalidTarRecord(.noCount)
      ),
      (
        "a trillion storages", T.checkpoint(storages: T.storages(count: 1 << 40)),
        .limit(.tensors, maximum: 1 << 17)
      ),
      (
        "a storage of a class that is none", T.checkpoint(storages: T.storages(type: "Foo")),
        .invalidTarRecord(.noStorage)
      ),
      (
        "a storage beyond 64 bits", T.checkpoint(storages: T.storages(elements: .max)),
        .lengthOutOfRange("\(Int.max)", available: 20)
      ),
      ("a view of nothing", views([8, 6, 0, 1]), .invalidTarRecord(.noViews)),
      ("a view beyond its storage", views([8, 7, 3, 2]), .invalidTarRecord(.noViews)),
      ("a view that wraps round", views([8, 7, 4, .max]), .invalidTarRecord(.noViews)),
      ("a negative view", views([8, 7, -1, 1]), .invalidTarRecord(.noViews)),
      (
        "a tensor of no storage", T.checkpoint(tensors: T.tensors(storage: 6)),
        .invalidTarRecord(.noTensor)
      ),
      (
        "a tensor of a tensor", T.checkpoint(tensors: T.tensors(storage: 9)),
        .invalidTarRecord(.noTensor)
      ),
      (
        "a huge rank", T.checkpoint(tensors: T.tensors(rank: .max)), .limit(.rank, maximum: 64)
      ),
      ("a negative rank", T.checkpoint(tensors: T.tensors(rank: -1)), .limit(.rank, maximum: 64)),
      (
        "a tensor beyond its storage", T.checkpoint(tensors: T.tensors(offset: 1)),
        .outOfBounds(needed: 5, available: 4)
      ),
      (
        "a negative stride", T.checkpoint(tensors: T.tensors(stride: -1)),
        .negativeGeometry(offset: 0, shape: [4], strides: [-1])
      ),
      (
        "a number of nothing", T.checkpoint(object: P.stateDict([("w", P.text("10") + [0x51])])),
        .invalidPersistentID(.unknownNumber)
      ),
      (
        "a call",
        T.checkpoint(object: P.global("os", "system") + P.tuple([P.text("x")]) + P.reduce),
        .forbiddenName("os.system")
      ),
    ]
  }()

  @Test(arguments: records)
  func recordsAreRefused(what: String, bytes: [UInt8], reason: CheckpointError.Reason) {
    #expect(refusal(bytes) == reason, "\(what)")
  }

  @Test func everyShorterFileIsRefused() {
    let bytes = T.checkpoint()
    for count in stride(from: 0, to: bytes.count - 1_024, by: 7) {
      #expect(refusal(Array(bytes[..<count])) != nil, "cut to \(count)")
    }
  }

  @Test func everyChangedByteIsSurvived() {
    let bytes = T.checkpoint()
    for position in bytes.indices.dropLast(1_024) {
      var changed = bytes
      changed[position] ^= UInt8(truncatingIfNeeded: position * 37 | 1)
      _ = refusal(changed)
    }
  }
}
