import Converter
import GraphIR
import Testing

/// Files that were cut short or changed: an error or the right values, never a trap.
@Suite struct DamageTests {
  /// Files small enough to be cut and changed everywhere.
  static let files = [
    "small.zip.pt", "small.legacy.pt", "protocol4.legacy.pt", "deflated.zip.pt",
    "no-checksums.zip.pt",
  ]

  @Test(arguments: files)
  func everyShorterFileIsRefused(name: String) throws {
    let bytes = try Fixture.bytes(name)
    #expect(refusal(bytes) == nil)
    for count in 0..<bytes.count {
      #expect(refusal(Array(bytes[..<count])) != nil, "\(name) cut to \(count) bytes")
    }
  }

  @Test(arguments: files)
  func everyChangedByteIsSurvived(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let good = try contents(Checkpoint(bytes: bytes))
    var (refused, same, different) = (0, 0, 0)
    for position in bytes.indices {
      for change: UInt8 in [0xff, 0x01] {
        var changed = bytes
        changed[position] ^= change
        do {
          if try contents(Checkpoint(bytes: changed)) == good { same += 1 } else { different += 1 }
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused + same + different == bytes.count * 2)
    #expect(refused > bytes.count / 2)
    // Archives carry checksums; legacy files, and archives without them, cannot notice.
    if name.hasSuffix(".zip.pt"), name != "no-checksums.zip.pt" {
      #expect(different == 0, "\(name)")
    }
  }

  /// Whole modules have the most varied pickles.
  @Test func changedBytesOfAModuleAreSurvived() throws {
    let bytes = try Fixture.bytes("module.legacy.pt")
    var refused = 0
    for position in stride(from: 0, to: bytes.count, by: 29) {
      var changed = bytes
      changed[position] ^= UInt8(truncatingIfNeeded: position * 37 | 1)
      if refusal(changed) != nil { refused += 1 }
    }
    #expect(refused > 0)
  }

  @Test func bytesBehindAnArchiveAreRefused() throws {
    #expect(refusal(try Fixture.bytes("small.zip.pt") + [1, 2, 3]) != nil)
  }

  private func contents(_ checkpoint: Checkpoint) -> [String] {
    checkpoint.tensors.map { "\($0.name) \($0.tensor.dtype) \($0.tensor.shape) \($0.tensor.hex)" }
  }
}
