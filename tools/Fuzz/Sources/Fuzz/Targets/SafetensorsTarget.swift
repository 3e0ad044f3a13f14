import Foundation
import WeightFiles

/// Any safetensors file: its table of contents and the tensors that it gives.
struct SafetensorsTarget: FuzzTarget {
  let name = "safetensors"
  var words: [[UInt8]] { SafetensorsWords.all }

  func seeds(from file: [UInt8]) -> [[UInt8]] {
    SafetensorsModel(file) != nil && file.dropFirst(8).first == UInt8(ascii: "{") ? [file] : []
  }

  func read(_ path: String) throws {
    let file = try SafetensorsFile(contentsOf: URL(fileURLWithPath: path))
    for entry in file.header.entries { look(at: file.tensor(entry)) }
  }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? {
    guard var model = SafetensorsModel(input) else { return nil }
    Self.mutate(&model, limit: limit, &random)
    return model.bytes
  }
}

extension SafetensorsTarget {
  /// Changes words of the header, or now and then the size of the data.
  static func mutate(_ model: inout SafetensorsModel, limit: Int, _ random: inout RandomSource) {
    if random.oneIn(8) {
      let byte = UInt8(random.below(256))
      model.data =
        random.oneIn(2)
        ? Array(model.data.dropLast(random.below(9)))
        : model.data + [UInt8](repeating: byte, count: random.below(9))
    } else {
      Fuzz.mutate(tokens: &model.tokens, limit: limit, &random)
    }
  }
}
