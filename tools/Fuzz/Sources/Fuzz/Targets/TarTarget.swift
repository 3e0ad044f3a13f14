/// The tar archives that PyTorch wrote before 0.1.10.
struct TarTarget: FuzzTarget {
  let name = "tar"
  var words: [[UInt8]] {
    PickleWords.globals + PickleWords.texts
      + ["sys_info", "pickle", "storages", "tensors", "ustar"].map { Array($0.utf8) }
  }

  func seeds(from file: [UInt8]) -> [[UInt8]] {
    guard file.count > 512, file[257..<262].elementsEqual("ustar".utf8) else { return [] }
    // Without the zeros that fill up an archive.
    return [TarModel(file).bytes]
  }

  func read(_ path: String) throws { try readCheckpoint(path) }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? {
    var tar = TarModel(input)
    guard !tar.members.isEmpty else { return nil }
    let index = random.below(tar.members.count)
    switch random.below(10) {
    case 0: tar.members[index].header = mutatedBytes(tar.members[index].header, growth: 0)
    case 1: tar.members.insert(tar.members[index], at: random.below(tar.members.count + 1))
    case 2: tar.members.remove(at: index)
    case 3: tar.members.swapAt(index, random.below(tar.members.count))
    case 4, 5: tar.members[index].content = mutatedBytes(tar.members[index].content)
    default:
      // All four members are pickles, or begin with some.
      var program = PickleProgram(tar.members[index].content)
      program.mutate(limit: limit, &random)
      tar.members[index].content = program.bytes
    }
    for index in tar.members.indices {
      let header = tar.members[index].header
      tar.members[index].header =
        Array(header.prefix(512)) + [UInt8](repeating: 0, count: 512 - min(header.count, 512))
    }
    return tar.bytes
  }
}
