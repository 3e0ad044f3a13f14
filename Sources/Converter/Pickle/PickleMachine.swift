import GraphIR

/// Runs one pickle as data: it builds values, and calls and imports nothing.
///
/// The instructions follow Python's `pickle` documentation and `pickletools`. Those that run code
/// by design, or that need what PyTorch never writes, are refused by name.
struct PickleMachine {
  var reader: ByteReader
  var heap = PickleHeap()
  /// How persistent ids look in this container.
  let layout: TorchLayout
  /// What persistent ids stand for, where they are numbers.
  let objects: [Int: PickleValue]
  private(set) var stack: [PickleRef] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleRef] = [:]
  private var opcode = PickleOpcode.stop
  private var opcodeOffset = 0
  /// Bytes that the values may take.
  private let memory: Int

  init(_ reader: ByteReader, layout: TorchLayout, objects: [Int: PickleValue] = [:]) {
    self.objects = objects
    self.reader = reader
    self.layout = layout
    memory = PickleLimits.memory(fileSize: reader.origin.fileSize ?? reader.storage.bytes.count)
  }

  /// Runs up to and including STOP and returns the value; `reader` then stands behind it.
  mutating func run() throws(CheckpointError) -> PickleRef {
    while true {
      opcodeOffset = reader.offset
      let byte = try reader.integer(UInt8.self)
      guard let next = PickleOpcode(rawValue: byte) else { throw error(.unknownOpcode(byte)) }
      opcode = next
      if next == .stop { return try pop() }
      try execute()
      guard heap.byteCount + memo.count * PickleCost.memo <= memory else {
        throw error(.limit(.memory, maximum: memory))
      }
    }
  }

  private mutating func execute() throws(CheckpointError) {
    switch opcode {
    case .int, .binInt, .binInt1, .binInt2, .long, .long1, .long4, .none, .newTrue, .newFalse,
      .float, .binFloat:
      try push(try readNumber(opcode))
    case .string, .binString, .shortBinString, .binBytes, .shortBinBytes, .binBytes8, .byteArray8,
      .unicode,
      .binUnicode, .shortBinUnicode, .binUnicode8:
      try push(try readText(opcode))
    case .emptyList, .append, .appends, .list, .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3,
      .emptyDict, .dict, .setItem, .setItems, .emptySet, .addItems, .frozenSet:
      try executeContainer(opcode)
    case .mark, .pop, .popMark, .dup, .get, .binGet, .longBinGet, .put, .binPut, .longBinPut,
      .memoize:
      try executeStack()
    case .global, .stackGlobal, .reduce, .build, .newObj, .newObjEx, .inst, .obj, .binPersID:
      try executeObject(opcode)
    case .persID where layout == .tar:
      let range = try reader.line(limit: PickleLimits.name)
      let id = try add(.bytes(range))
      try push(try loadPersistent(id))
    case .ext1, .ext2, .ext4, .persID, .nextBuffer, .readOnlyBuffer:
      throw error(.refusedOpcode(opcode.name))
    case .proto:
      let version = Int(try reader.integer(UInt8.self))
      guard version <= 5 else { throw error(.unsupportedProtocol(version)) }
    case .frame:
      _ = try reader.count(UInt64.self)
    case .stop: break
    }
  }

  /// An error at the instruction that is being run.
  func error(_ reason: CheckpointError.Reason) -> CheckpointError {
    reader.origin.error(reason, at: opcodeOffset)
  }

  /// An error that says what the instruction needs.
  func expected(_ what: CheckpointError.Operand) -> CheckpointError {
    error(.wrongOperand(opcode: opcode.name, expected: what))
  }
}

// The stack, its marks and the memo.
extension PickleMachine {
  mutating func add(_ value: PickleValue) throws(CheckpointError) -> PickleRef {
    heap.add(value)
  }

  mutating func push(_ value: PickleValue) throws(CheckpointError) {
    let ref =
      switch value {
      case .none: PickleHeap.none
      case .bool(let flag): PickleHeap.bool(flag)
      default: try add(value)
      }
    try push(ref)
  }

  mutating func push(_ ref: PickleRef) throws(CheckpointError) {
    guard stack.count < PickleLimits.stack else {
      throw error(.limit(.stack, maximum: PickleLimits.stack))
    }
    stack.append(ref)
  }

  /// The topmost value, which stays; nothing below the last mark is reachable.
  func top() throws(CheckpointError) -> PickleRef {
    guard stack.count > (marks.last ?? 0), let ref = stack.last else {
      throw error(.stackUnderflow(opcode: opcode.name))
    }
    return ref
  }

  mutating func pop() throws(CheckpointError) -> PickleRef {
    let ref = try top()
    stack.removeLast()
    return ref
  }

  /// Everything above the last mark, which goes too.
  mutating func popToMark() throws(CheckpointError) -> [PickleRef] {
    guard let mark = marks.popLast() else { throw error(.missingMark(opcode: opcode.name)) }
    let items = Array(stack[mark...])
    stack.removeLast(items.count)
    return items
  }

  private mutating func executeStack() throws(CheckpointError) {
    switch opcode {
    case .mark:
      guard marks.count < PickleLimits.marks else {
        throw error(.limit(.marks, maximum: PickleLimits.marks))
      }
      marks.append(stack.count)
    case .pop:
      // As in Python, POP takes a mark where no value lies above it.
      if stack.count == (marks.last ?? -1) { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup: try push(try top())
    case .get: try recall(try readDecimal())
    case .binGet: try recall(Int(try reader.integer(UInt8.self)))
    case .longBinGet: try recall(Int(try reader.integer(UInt32.self)))
    case .put: try remember(try readDecimal())
    case .binPut: try remember(Int(try reader.integer(UInt8.self)))
    case .longBinPut: try remember(Int(try reader.integer(UInt32.self)))
    case .memoize: try remember(memo.count)
    default: preconditionFailure("\(opcode) is no stack instruction")
    }
  }

  private mutating func recall(_ index: Int) throws(CheckpointError) {
    guard let ref = memo[index] else { throw error(.missingMemo(index: index)) }
    try push(ref)
  }

  private mutating func remember(_ index: Int) throws(CheckpointError) {
    memo[index] = try top()
  }
}
