/// A pickle as a list of instructions, so that they can be moved about without tearing one apart.
struct PickleProgram {
  /// The instructions with their arguments, as they stand in the file.
  var instructions: [[UInt8]] = []
  /// What follows the last whole instruction, or the last of `pickles` STOPs.
  var rest: [UInt8] = []

  /// How arguments are laid out, after Python's `pickletools`.
  private enum Argument {
    case fixed(Int)
    case counted(width: Int)
    case lines(Int)
  }

  private static let arguments: [UInt8: Argument] = {
    var table: [UInt8: Argument] = [
      0x4a: .fixed(4), 0x4b: .fixed(1), 0x4d: .fixed(2), 0x47: .fixed(8),
      0x68: .fixed(1), 0x6a: .fixed(4), 0x71: .fixed(1), 0x72: .fixed(4),
      0x80: .fixed(1), 0x95: .fixed(8), 0x82: .fixed(1), 0x83: .fixed(2), 0x84: .fixed(4),
      0x8a: .counted(width: 1), 0x8b: .counted(width: 4), 0x55: .counted(width: 1),
      0x54: .counted(width: 4), 0x42: .counted(width: 4), 0x43: .counted(width: 1),
      0x8e: .counted(width: 8), 0x96: .counted(width: 8), 0x58: .counted(width: 4),
      0x8c: .counted(width: 1), 0x8d: .counted(width: 8),
      0x63: .lines(2), 0x69: .lines(2),
    ]
    for opcode in "ILFSVgpP".utf8 { table[opcode] = .lines(1) }
    return table
  }()

  /// Takes bytes apart up to the STOP of as many pickles.
  init(_ bytes: [UInt8], pickles: Int = .max) {
    var (offset, left) = (0, pickles)
    while offset < bytes.count, left > 0 {
      guard let end = Self.end(of: bytes, at: offset) else { break }
      instructions.append(Array(bytes[offset..<end]))
      if bytes[offset] == 0x2e { left -= 1 }
      offset = end
    }
    rest = Array(bytes[offset...])
  }

  var bytes: [UInt8] { Array(instructions.joined()) + rest }

  private static func end(of bytes: [UInt8], at offset: Int) -> Int? {
    let start = offset + 1
    let end: Int
    switch arguments[bytes[offset]] {
    case nil: end = start
    case .fixed(let width): end = start + width
    case .counted(let width):
      let count =
        switch width {
        case 1: bytes.number(at: start, as: UInt8.self)
        case 4: bytes.number(at: start, as: UInt32.self)
        default: bytes.number(at: start, as: UInt64.self)
        }
      guard let count, count <= bytes.count else { return nil }
      end = start + width + count
    case .lines(let lines):
      var (cursor, left) = (start, lines)
      while cursor < bytes.count, left > 0 {
        if bytes[cursor] == 0x0a { left -= 1 }
        cursor += 1
      }
      if left > 0 { return nil }
      end = cursor
    }
    return end <= bytes.count ? end : nil
  }
}

extension PickleProgram {
  /// Changes a few instructions.
  mutating func mutate(limit: Int, _ random: inout RandomSource) {
    for _ in 0...random.below(3) { mutateOnce(limit: limit, &random) }
  }

  private mutating func mutateOnce(limit: Int, _ random: inout RandomSource) {
    let place = random.below(instructions.count + 1)
    let stretch = random.stretch(of: instructions.count, longest: 24)
    switch random.below(10) {
    case 0: instructions.removeSubrange(random.stretch(of: instructions.count, longest: 4))
    case 1: instructions.insert(contentsOf: instructions[stretch], at: place)
    case 2: instructions.insert(contentsOf: PickleWords.snippet(&random), at: place)
    case 3: instructions.insert(PickleWords.instruction(&random), at: place)
    case 4: repeatStretch(limit: limit, &random)
    case 5 where !instructions.isEmpty:
      instructions.swapAt(random.below(instructions.count), random.below(instructions.count))
    case 6 where !instructions.isEmpty:
      instructions[random.below(instructions.count)] = PickleWords.instruction(&random)
    default: mutateArgument(&random)
    }
  }

  /// The same few instructions over and over: containers that grow, nest or share.
  private mutating func repeatStretch(limit: Int, _ random: inout RandomSource) {
    let stretch = random.stretch(of: instructions.count, longest: 6)
    let piece = instructions[stretch]
    let size = max(piece.reduce(0) { $0 + $1.count }, 1)
    let times = min(1 << random.below(18), max(limit - bytes.count, 0) / size)
    instructions.insert(
      contentsOf: repeatElement(piece, count: times).joined(), at: stretch.upperBound)
  }

  /// Another argument of the same form, with its length put right.
  private mutating func mutateArgument(_ random: inout RandomSource) {
    guard !instructions.isEmpty else { return }
    let index = random.below(instructions.count)
    let instruction = instructions[index]
    let opcode = instruction[0]
    let body = Array(instruction.dropFirst())
    switch Self.arguments[opcode] {
    case nil: return
    case .fixed(let width):
      let numbers = little(
        random.oneIn(2) ? Int(body.first ?? 0) + random.below(5) - 2 : random.number())
      instructions[index] = [opcode] + numbers.prefix(width)
    case .counted(let width):
      var text = Array(body.dropFirst(width))
      switch opcode {
      case 0x8a, 0x8b: text = Array(little(random.number()).prefix(1 + random.below(8)))
      case _ where random.oneIn(2): text = random.pick(PickleWords.texts)
      default: text = mutatedBytes(text)
      }
      if width == 1 { text = Array(text.prefix(255)) }
      instructions[index] = [opcode] + little(text.count).prefix(width) + text
    case .lines(2): instructions[index] = [opcode] + random.pick(PickleWords.globals)
    case .lines:
      let text =
        random.oneIn(2) ? Array(String(random.number()).utf8) : mutatedBytes(Array(body.dropLast()))
      instructions[index] = [opcode] + text + [0x0a]
    }
  }
}
