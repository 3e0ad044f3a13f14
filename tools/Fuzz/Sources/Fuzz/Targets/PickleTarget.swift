/// The pickle machine: an input is the third pickle of a legacy file and all that follows it.
struct PickleTarget: FuzzTarget {
  let name = "pickle"
  var words: [[UInt8]] { PickleWords.globals + PickleWords.texts }

  /// The magic number, the version and an empty record of the writer's machine.
  private static let head: [UInt8] =
    [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
    + [0x80, 2, 0x4d, 0xe9, 3, 0x2e, 0x80, 2, 0x7d, 0x2e]

  func seeds(from file: [UInt8]) -> [[UInt8]] {
    let legacy = LegacyTarget().seeds(from: file).map { file in
      Array(LegacyFile(file).pickles.bytes)
    }
    // The pickle of an archive stands alone: its storages are missing, its values are not.
    let archived = ZipTarget.pickles(of: file)
    return legacy + archived
  }

  func file(for input: [UInt8]) -> [UInt8] { Self.head + input }

  func read(_ path: String) throws { try readCheckpoint(path) }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? {
    var program = PickleProgram(input)
    program.mutate(limit: limit, &random)
    return program.bytes
  }
}
