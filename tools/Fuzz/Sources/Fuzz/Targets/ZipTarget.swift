/// The archives that PyTorch has written since 1.6.
struct ZipTarget: FuzzTarget {
  let name = "zip"
  var words: [[UInt8]] {
    PickleWords.globals + PickleWords.texts
      + [[0x50, 0x4b, 1, 2], [0x50, 0x4b, 3, 4], [0x50, 0x4b, 5, 6], [0x50, 0x4b, 6, 6]]
      + [[0x50, 0x4b, 6, 7], [0x50, 0x4b, 7, 8], [1, 0, 16, 0]] + Self.names
  }

  /// What an entry inflates to at most while it is mutated.
  private static let contentLimit = 1 << 20
  private static let names = [
    "a/data.pkl", "data.pkl", "a/data/0", "a/data/1", "a/version", "a/byteorder", "a/code/x.py",
    "a/constants.pkl", "a/.data/serialization_id", "../x", "/x", "a/.format_version",
  ].map { Array($0.utf8) }

  func seeds(from file: [UInt8]) -> [[UInt8]] {
    file.starts(with: [0x50, 0x4b]) ? [file] : []
  }

  /// The pickles in an archive.
  static func pickles(of file: [UInt8]) -> [[UInt8]] {
    ZipModel(file)?.entries.filter { isPickle($0.name) }
      .compactMap { $0.content(limit: contentLimit) } ?? []
  }

  private static func isPickle(_ name: [UInt8]) -> Bool {
    name.suffix(4).elementsEqual(".pkl".utf8)
  }

  func read(_ path: String) throws { try readCheckpoint(path) }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? {
    guard var zip = ZipModel(input) else { return nil }
    let index = random.below(zip.entries.count)
    let pickle = zip.entries.firstIndex { Self.isPickle($0.name) } ?? index
    switch random.below(12) {
    case 0..<6: Self.change(&zip.entries[pickle]) { mutatePickle($0, limit: limit, &random) }
    case 6: Self.change(&zip.entries[index]) { mutatedBytes($0) }
    case 7:
      let deflated = !zip.entries[index].isDeflated
      Self.change(&zip.entries[index], deflated: deflated) { $0 }
    case 8: zip.entries[index].name = newName(zip.entries[index].name, &random)
    case 9: zip.entries.insert(zip.entries[index], at: random.below(zip.entries.count + 1))
    case 10 where zip.entries.count > 1: zip.entries.remove(at: index)
    default:
      // An archive that is small and inflates to a lot: rarely, as it takes long to read.
      guard random.oneIn(512) else { return nil }
      Self.change(&zip.entries[pickle], deflated: true) { content in
        var program = PickleProgram(content)
        let start = random.stretch(of: program.instructions.count, longest: 4)
        let piece = Array(program.instructions[start].joined())
        let size = (Self.contentLimit * 7) >> random.below(8)
        let times = size / max(piece.count, 1)
        program.instructions.insert(
          Array(repeatElement(piece, count: times).joined())[...], at: start.upperBound)
        return program.bytes
      }
    }
    return zip.bytes
  }

  private func mutatePickle(
    _ pickle: [UInt8], limit: Int, _ random: inout RandomSource
  ) -> [UInt8] {
    var program = PickleProgram(pickle)
    program.mutate(limit: limit, &random)
    return program.bytes
  }

  private func newName(_ name: [UInt8], _ random: inout RandomSource) -> [UInt8] {
    if random.oneIn(2) { return mutatedBytes(name) }
    // In the folder of the other one, or the reader would look at neither.
    let folder = name.prefix { $0 != UInt8(ascii: "/") }
    return Array(folder + random.pick(Self.names).dropFirst())
  }

  /// Replaces an entry's content, deflated as before unless said otherwise.
  private static func change(
    _ entry: inout ZipModel.Entry, deflated: Bool? = nil, _ body: ([UInt8]) -> [UInt8]
  ) {
    guard let content = entry.content(limit: contentLimit) else { return }
    entry = ZipModel.Entry(
      name: entry.name, content: body(content), deflated: deflated ?? entry.isDeflated)
  }
}
