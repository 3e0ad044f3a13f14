import Converter
import Testing

/// Archives that lie; made by the generator from a good one, or by changing bytes of it.
@Suite struct HostileZipTests {
  static let files: [(String, CheckpointError.Reason)] = [
    ("duplicate", .duplicateEntry),
    ("climbing", .unsafeEntryName("../evil")),
    ("absolute", .unsafeEntryName("/etc/x")),
    ("byte-order", .unknownByteOrder("middle")),
    ("version", .unsupportedFormatVersion("99")),
    ("short-storage", .storageSize(key: "0", expected: 12, found: 8)),
    ("long-storage", .storageSize(key: "0", expected: 12, found: 16)),
    ("no-storage", .missingStorage(key: "0")),
    ("no-pickle", .unsupportedKind(.zip)),
    ("two-pickles", .severalPickles(["small.zip/data.pkl", "other/data.pkl"])),
    ("bomb", .inflatesTooFar(size: 20 << 20, maximum: ZipArchive.inflationFloor)),
    ("script-like", .noTensors(found: "a dictionary")),
    ("sparse", .unsupportedTensor("sparse")),
    ("quantised", .unsupportedTensor("quantised")),
    ("meta", .unsupportedTensor("meta (value-less)")),
    ("nested", .unsupportedTensor("nested")),
    ("single", .noTensors(found: "a single tensor without a name")),
    ("no-tensors", .noTensors(found: "a dictionary")),
    ("ambiguous", .ambiguous(keys: ["encoder", "decoder"])),
    ("ambiguous-known", .ambiguous(keys: ["model", "state_dict"])),
    ("expanded", .tensorBudget(maximum: TensorLimits.expansionFloor)),
  ]

  static let rarerFiles: [(String, CheckpointError.Reason)] = [
    ("old-script", .unsupportedKind(.oldTorchScript)),
    ("ema", .ambiguous(keys: ["model", "ema"])),
    ("fnuz", .unsupportedElement("torch.float8_e4m3fnuz")),
    ("conjugated", .unsupportedTensor("lazily negated or conjugated")),
    ("negated", .unsupportedTensor("lazily negated or conjugated")),
  ]

  @Test(arguments: rarerFiles)
  func rarerFilesAreRefused(name: String, reason: CheckpointError.Reason) throws {
    #expect(refusal(try Fixture.bytes("archives/hostile/\(name).pt")) == reason)
  }

  @Test(arguments: files)
  func filesAreRefused(name: String, reason: CheckpointError.Reason) throws {
    do {
      _ = try Checkpoint(contentsOf: Fixture.path("hostile/\(name).pt"))
      Issue.record("\(name) was read")
    } catch let error as CheckpointError {
      #expect(error.reason == reason)
      #expect(error.description.hasPrefix(try Fixture.path("hostile/\(name).pt")))
    }
  }

  @Test func keysThatDoNotFit() throws {
    let bytes = try Fixture.bytes("wrapped-state_dict.zip.pt")
    let keys = ["epoch", "state_dict", "loss", "optimizer"]
    #expect(refusal(bytes, key: "state_dct") == .missingKey("state_dct", keys: keys))
    #expect(refusal(bytes, key: "epoch") == .keyWithoutTensors("epoch"))
    #expect(
      refusal(bytes, key: "state_dict/x")
        == .missingKey(
          "state_dict/x",
          keys: [
            "conv.weight", "conv.bias", "steps",
          ]))
    #expect(refusal(bytes, key: "") == .missingKey("", keys: keys))
    #expect(refusal(bytes, key: "/") == .missingKey("/", keys: keys))
  }

  /// Offsets of the central directory's record of an entry, and of the entry's own header.
  static func headers(of name: String, in bytes: [UInt8]) -> (central: Int, local: Int)? {
    var found: [Int] = []
    for start in bytes.indices.dropLast(46 + name.utf8.count) {
      let head = bytes[start..<start + 4]
      let nameStart = start + (head.elementsEqual([0x50, 0x4b, 1, 2]) ? 46 : 30)
      guard head.elementsEqual([0x50, 0x4b, 1, 2]) || head.elementsEqual([0x50, 0x4b, 3, 4]),
        bytes[nameStart...].starts(with: name.utf8)
      else { continue }
      found.append(start)
    }
    guard found.count == 2 else { return nil }
    return (central: found[1], local: found[0])
  }

  static let sizes: [UInt32] = [0, 1, 11, 13, 1_000, 1 << 20, 0x7fff_ffff, 0xffff_fffe]

  @Test(arguments: ["deflated.zip.pt", "plain-dict.zip.pt"])
  func lyingSizesAreRefused(file: String) throws {
    let good = try Fixture.bytes(file)
    let headers = try #require(Self.headers(of: "plain-dict.zip/data/0", in: good))
    for size in Self.sizes {
      // Sizes stand 24 bytes into a central header, 22 into a local one; compressed, then full.
      var central = good
      central.replaceSubrange(
        headers.central + 24..<headers.central + 28, with: PickleBytes.little(size))
      #expect(refusal(central) != nil, "\(size) in the directory")
      var both = central
      both.replaceSubrange(headers.local + 22..<headers.local + 26, with: PickleBytes.little(size))
      #expect(refusal(both) != nil, "\(size) in both")
      var stored = both
      stored.replaceSubrange(
        headers.central + 20..<headers.central + 24, with: PickleBytes.little(size))
      stored.replaceSubrange(
        headers.local + 18..<headers.local + 22, with: PickleBytes.little(size))
      #expect(refusal(stored) != nil, "\(size) everywhere")
    }
  }

  @Test func damagedValuesFailTheirChecksum() throws {
    var bytes = try Fixture.bytes("small.zip.pt")
    let pattern = PickleBytes.floats([-17, -10, -3])
    let start = try #require(
      bytes.indices.dropLast(12).first { bytes[$0...].starts(with: pattern) })
    bytes[start] ^= 1
    #expect(refusal(bytes) == .wrongChecksum)
  }
}
