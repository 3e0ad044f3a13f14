/// Files of the layout that PyTorch wrote before 1.6.
struct LegacyTarget: FuzzTarget {
  let name = "legacy"
  var words: [[UInt8]] { PickleWords.globals + PickleWords.texts }

  func seeds(from file: [UInt8]) -> [[UInt8]] {
    LegacyFile(file).isLegacy ? [file] : []
  }

  func read(_ path: String) throws { try readCheckpoint(path) }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? {
    var file = LegacyFile(input)
    if random.oneIn(6) {
      file.pickles.rest = mutatedBytes(file.pickles.rest)
    } else {
      file.pickles.mutate(limit: limit, &random)
    }
    return file.bytes
  }
}

/// A legacy file in two parts: the three short pickles in front, and the rest.
struct LegacyFile {
  /// The magic number, the version, the facts about the writer.
  let head: [UInt8]
  /// The object and the list of storages, with their bytes behind.
  var pickles: PickleProgram

  init(_ file: [UInt8]) {
    let behind = PickleProgram(file, pickles: 3).rest
    head = Array(file.dropLast(behind.count))
    pickles = PickleProgram(behind, pickles: 2)
  }

  var isLegacy: Bool {
    head.dropFirst(2).starts(with: [0x8a, 10, 0x6c, 0xfc])
      || head.dropFirst(11).starts(with: [0x8a, 10, 0x6c, 0xfc])
  }
  var bytes: [UInt8] { head + pickles.bytes }
}
