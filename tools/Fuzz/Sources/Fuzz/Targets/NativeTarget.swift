import Crypto
import Foundation
import WeightFiles

/// Native weight files, whose header carries its own digest: mutated with the digest put right,
/// so that what stands behind it is reached.
struct NativeTarget: FuzzTarget {
  let name = "native"
  var words: [[UInt8]] { SafetensorsWords.all }

  private static let opening = Array("{\"__metadata__\":{\"xrayzoo-header-sha256\":\"".utf8)
  private static let digest = 8 + opening.count..<8 + opening.count + 64
  private static let key = Array("\"xrayzoo\"".utf8)

  func seeds(from file: [UInt8]) -> [[UInt8]] {
    file.dropFirst(8).starts(with: Self.opening) ? [file] : []
  }

  func read(_ path: String) throws {
    let file = try WeightFile(contentsOf: URL(fileURLWithPath: path))
    for tensor in file.tensors.values { look(at: tensor) }
  }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? {
    guard var model = SafetensorsModel(input) else { return nil }
    if random.oneIn(2) {
      SafetensorsTarget.mutate(&model, limit: limit, &random)
    } else {
      mutateProfile(of: &model, limit: limit, &random)
    }
    var bytes = model.bytes
    guard bytes.dropFirst(8).starts(with: Self.opening), bytes.count >= Self.digest.upperBound
    else { return bytes }
    // Almost always right: a wrong digest ends the reading at once.
    if !random.oneIn(32) { Self.seal(&bytes, headerEnd: bytes.count - model.data.count) }
    return bytes
  }

  /// Changes the JSON that stands in a string of the JSON.
  private func mutateProfile(
    of model: inout SafetensorsModel, limit: Int, _ random: inout RandomSource
  ) {
    guard let key = model.tokens.firstIndex(of: Self.key), key + 2 < model.tokens.count else {
      return
    }
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    var profile: [UInt8] = []
    var isEscaped = false
    for byte in model.tokens[key + 2].dropFirst().dropLast() {
      if byte == backslash, !isEscaped {
        isEscaped = true
      } else {
        profile.append(byte)
        isEscaped = false
      }
    }
    var tokens = SafetensorsModel.tokens(of: profile[...])
    Fuzz.mutate(tokens: &tokens, limit: limit, &random)
    let escaped = tokens.joined().flatMap {
      [quote, backslash].contains($0) ? [backslash, $0] : [$0]
    }
    model.tokens[key + 2] = [quote] + escaped + [quote]
  }

  private static func seal(_ bytes: inout [UInt8], headerEnd: Int) {
    guard headerEnd >= digest.upperBound else { return }
    bytes.replaceSubrange(digest, with: repeatElement(UInt8(ascii: "0"), count: 64))
    let digits = Array("0123456789abcdef".utf8)
    let sum = SHA256.hash(data: bytes[..<headerEnd])
    bytes.replaceSubrange(
      digest, with: sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
