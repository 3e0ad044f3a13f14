import Foundation
import GraphIR
import Testing
import WeightFiles

/// Files without digests, damaged at random: whatever is accepted keeps the header's promises.
@Suite struct RandomDamageTests {
  /// SplitMix64, so that a failure can be repeated.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
      return value ^ value >> 31
    }
  }

  @Test(arguments: 0..<8)
  func damaged(_ seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: fixture("reference.safetensors"))
    var random = Generator(state: seed)
    var accepted = 0
    for round in 0..<250 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        // Digits, so that many headers stay JSON and lie.
        case 1: bytes[index] = UInt8(ascii: "0") + UInt8.random(in: 0...9, using: &random)
        case 2: bytes.remove(at: index)
        default: bytes.insert(contentsOf: bytes[index..<min(index + 9, bytes.count)], at: index)
        }
      }
      let url = try folder.file("damaged\(round)", bytes)
      let refusal = problem {
        let file = try SafetensorsFile(contentsOf: url)
        accepted += 1
        var end: Int?
        for entry in file.header.entries {
          #expect(entry.byteRange.upperBound <= bytes.count, "round \(round)")
          #expect(entry.byteRange.count == file.tensor(entry).byteCount, "round \(round)")
          #expect(end == nil || end == entry.byteRange.lowerBound, "round \(round)")
          #expect(file.tensor(entry).bytes == Array(bytes[entry.byteRange]), "round \(round)")
          end = entry.byteRange.upperBound
        }
        #expect(end == nil || end == bytes.count, "round \(round)")
      }
      // Both readers agree, but for the profile that this file does not have.
      #expect(problem(reading: url) == refusal ?? .noProfile, "round \(round)")
    }
    // Damage to names and values alone is not visible here.
    #expect(accepted > 0 && accepted < 250)
  }
}
