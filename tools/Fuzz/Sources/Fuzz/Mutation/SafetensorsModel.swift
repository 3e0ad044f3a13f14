/// A safetensors file as words of JSON and data, written back with the right length in front.
struct SafetensorsModel {
  /// The header's strings, numbers and punctuation, in order.
  var tokens: [[UInt8]]
  var data: [UInt8]

  init?(_ file: [UInt8]) {
    guard let length = file.number(at: 0, as: UInt64.self), length <= file.count - 8 else {
      return nil
    }
    tokens = Self.tokens(of: file[8..<8 + length])
    data = Array(file[(8 + length)...])
  }

  var bytes: [UInt8] {
    let header = Array(tokens.joined())
    return little(header.count) + header + data
  }

  /// Splits JSON into words; what is no JSON comes out byte by byte.
  static func tokens(of text: ArraySlice<UInt8>) -> [[UInt8]] {
    var tokens: [[UInt8]] = []
    var offset = text.startIndex
    while offset < text.endIndex {
      var end = offset + 1
      switch text[offset] {
      case UInt8(ascii: "\""):
        while end < text.endIndex, text[end] != UInt8(ascii: "\"") {
          end += text[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        end = min(end + 1, text.endIndex)
      case let byte where isWord(byte):
        while end < text.endIndex, isWord(text[end]) { end += 1 }
      default: break
      }
      tokens.append(Array(text[offset..<end]))
      offset = end
    }
    return tokens
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}

/// Changes a few words of a JSON text.
func mutate(tokens: inout [[UInt8]], limit: Int, _ random: inout RandomSource) {
  for _ in 0...random.below(3) {
    let place = random.below(tokens.count + 1)
    let index = random.below(tokens.count)
    let stretch = random.stretch(of: tokens.count, longest: 32)
    switch random.below(9) {
    case 0: tokens.removeSubrange(random.stretch(of: tokens.count, longest: 4))
    case 1: tokens.insert(contentsOf: tokens[stretch], at: place)
    case 2: tokens.insert(random.pick(SafetensorsWords.all), at: place)
    case 3 where !tokens.isEmpty: tokens.swapAt(index, random.below(tokens.count))
    case 4 where !tokens.isEmpty: tokens[index] = random.pick(SafetensorsWords.all)
    case 5:
      let piece = tokens[stretch.prefix(4)]
      let size = max(piece.reduce(0) { $0 + $1.count }, 1)
      let times = min(1 << random.below(14), limit / 2 / size)
      tokens.insert(
        contentsOf: repeatElement(piece, count: times).joined(), at: stretch.lowerBound)
    case 6 where !tokens.isEmpty: tokens[index] = mutatedBytes(tokens[index])
    default:
      let numbers = tokens.indices.filter { (0x30...0x39).contains(tokens[$0].first ?? 0) }
      if numbers.isEmpty { continue }
      tokens[random.pick(numbers)] = Array(String(random.number()).utf8)
    }
  }
}

/// Words that a header is made of.
enum SafetensorsWords {
  static let all: [[UInt8]] = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "0", "-1", "1e999", "0.5",
    "18446744073709551615", "9223372036854775807", "4611686018427387904", "\"__metadata__\"",
    "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"F64\"", "\"F16\"", "\"BF16\"",
    "\"I64\"", "\"U8\"", "\"BOOL\"", "\"C64\"", "\"F8_E4M3\"", "\"F4\"", "\"\"", "\"\\ud800\"",
    "\"\\u0000\"", "\"xrayzoo\"", "\"format\"", "\"requires\"", "\"architecture\"",
    "\"configuration\"", "\"model\"", "\"source\"", "\"sha256\"", "\"tensors\"", "\"kind\"",
  ].map { Array($0.utf8) }
}
