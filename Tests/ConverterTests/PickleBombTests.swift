import Converter
import Testing

/// Small files that ask for endless work or memory.
@Suite struct PickleBombTests {
  typealias P = PickleBytes

  func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * count)
    for _ in 0..<count { result += bytes }
    return result
  }

  /// Each list is the only element of the next one: reading and releasing must not recurse.
  @Test func manyNestedLists() {
    let count = 100_000
    let nested = repeated(P.emptyList, count) + repeated(P.append, count - 1)
    #expect(refusal(LegacyFile(object: nested).bytes) == .noTensors(found: "a list"))
  }

  @Test func manyNestedTuplesUnderAName() {
    let nested = P.emptyTuple + repeated([0x85], 100_000)
    let file = LegacyFile.withFourFloats(
      P.stateDict([("w", LegacyFormTests.matrix), ("x", nested)]))
    #expect(refusal(file) == nil)
  }

  @Test func tooManyValuesOnTheStack() {
    let many = repeated(P.none, PickleLimits.stack + 1)
    #expect(refusal(LegacyFile(object: many).bytes) == .limit(.stack, maximum: PickleLimits.stack))
  }

  @Test func tooManyMarks() {
    let many = repeated(P.mark, PickleLimits.marks + 1)
    #expect(refusal(LegacyFile(object: many).bytes) == .limit(.marks, maximum: PickleLimits.marks))
  }

  /// The reason for which a legacy file fills too much memory.
  func tooMuchMemory(_ file: [UInt8]) -> CheckpointError.Reason {
    .limit(.memory, maximum: PickleLimits.memory(fileSize: file.count))
  }

  @Test func memoryGrowsWithTheFile() {
    #expect(PickleLimits.memory(fileSize: 0) == PickleLimits.memoryFloor)
    #expect(PickleLimits.memory(fileSize: 1_000) == PickleLimits.memoryFloor + 500)
    #expect(PickleLimits.memory(fileSize: .max) == PickleLimits.memoryCeiling)
  }

  @Test func tooManyObjects() {
    let file = LegacyFile(object: P.emptyTuple + repeated([0x85], 1_000_000)).bytes
    #expect(refusal(file) == tooMuchMemory(file))
  }

  @Test func tooManyRememberedObjects() {
    let file = LegacyFile(object: P.none + repeated([0x94], 1_000_000)).bytes
    #expect(refusal(file) == tooMuchMemory(file))
  }

  /// What a class keeps of its name is its own, so a long one must not be used again and again.
  @Test func longNamesFromTheStack() {
    let name = P.text(String(repeating: "m", count: PickleLimits.name + 1)) + P.put(0)
    for names in [name + P.text("n"), P.text("m") + name] {
      #expect(
        refusal(LegacyFile(object: names + [0x93]).bytes)
          == .limit(.textLength, maximum: PickleLimits.name))
    }
  }

  /// A parameter around no tensor is recorded with the name of the class of what it is around.
  @Test func namesOfWrappedObjects() {
    let long = String(repeating: "n", count: 999)
    let object = P.global(long, long) + P.emptyTuple + [0x81, 0x85] + P.put(0)
    let rebuild = P.global("torch._utils", "_rebuild_parameter") + P.put(1)
    let file = LegacyFile(
      object: object + rebuild + repeated(P.get(1) + P.get(0) + P.reduce + [0x30], 100_000)
    ).bytes
    #expect(refusal(file) == tooMuchMemory(file))
  }

  /// A long list, copied over and over by a few bytes each time.
  @Test func copiesOfALongList() {
    let list = P.emptyList + P.put(0) + P.mark + repeated(P.none, 100_000) + [0x65]
    let arguments = P.get(0) + [0x85] + P.put(1)
    let call = P.global("builtins", "set") + P.put(2) + P.get(1) + P.reduce
    let copy = P.get(2) + P.get(1) + P.reduce + P.mark + P.none + [0x90, 0x30]
    let bomb = list + arguments + call + repeated(copy, 10_000)
    let file = LegacyFile(object: bomb).bytes
    #expect(refusal(file) == tooMuchMemory(file))
  }

  @Test func containersThatContainThemselves() throws {
    let list = P.emptyList + P.put(0) + P.get(0) + P.append
    #expect(refusal(LegacyFile(object: list).bytes) == .noTensors(found: "a list"))
    for key in ["x", "model", "state_dict"] {
      let dict = P.emptyDict + P.put(0) + P.text(key) + P.get(0) + P.setItem
      #expect(refusal(LegacyFile(object: dict).bytes) == .noTensors(found: "a dictionary"))
      let full = dict + P.text("w") + LegacyFormTests.matrix + P.setItem
      #expect(throws: Never.self) {
        let checkpoint = try Checkpoint(bytes: LegacyFile.withFourFloats(full))
        #expect(checkpoint.tensors.map(\.name) == ["w"])
      }
    }
    // A tuple can only contain itself through a list.
    let knot = P.emptyList + P.put(0) + P.get(0) + [0x85] + P.append
    #expect(refusal(LegacyFile(object: knot).bytes) == .noTensors(found: "a list"))
  }

  static func module(_ children: [UInt8], memo: UInt8? = nil) -> [UInt8] {
    let state = P.dict([(P.text("_parameters"), P.emptyDict), (P.text("_modules"), children)])
    return P.global("n", "M") + P.emptyTuple + [0x81] + (memo.map(P.put) ?? []) + state + P.build
  }

  @Test func modulesThatContainThemselves() {
    let knot = Self.module(P.stateDict([("a", P.get(0))]), memo: 0)
    #expect(refusal(LegacyFile(object: knot).bytes) == .cyclicModules(path: "a."))
  }

  /// Forty modules, each with the next one twice: 2^40 paths.
  @Test func modulesThatMultiply() {
    var tower = Self.module(P.emptyDict, memo: 0)
    for level in UInt8(1)...40 {
      tower +=
        [0x30]
        + Self.module(
          P.stateDict([("a", P.get(level - 1)), ("b", P.get(level - 1))]), memo: level)
    }
    #expect(
      refusal(LegacyFile(object: tower).bytes)
        == .limit(.modules, maximum: TensorFinder.maximumModules))
  }

  /// A long prefix in front of many short names.
  @Test func namesThatMultiply() {
    let prefix = String(repeating: "p", count: 4_000)
    let tensor = LegacyFormTests.matrix + P.put(9) + [0x30]
    let items = (0..<5_000).map { (P.text(String($0)), P.get(9)) }
    let inner = P.object(
      "n", "M", state: P.dict([(P.text("_parameters"), P.dict(items))]))
    let outer = tensor + Self.module(P.stateDict([(prefix, inner)]))
    #expect(
      refusal(LegacyFile.withFourFloats(outer))
        == .limit(.elements, maximum: TensorFinder.maximumWork))
  }

  @Test func modulesTooDeep() {
    func tower(_ levels: Int) -> [UInt8] {
      var bytes = P.object(
        "n", "M",
        state: P.dict([
          (
            P.text("_parameters"),
            P.stateDict([
              ("w", LegacyFormTests.matrix)
            ])
          )
        ]))
      for _ in 1..<levels { bytes = Self.module(P.stateDict([("a", bytes)])) }
      return LegacyFile.withFourFloats(bytes)
    }
    let maximum = TensorFinder.maximumModuleDepth
    #expect(refusal(tower(maximum)) == nil)
    #expect(refusal(tower(maximum + 1)) == .limit(.moduleDepth, maximum: maximum))
  }

  @Test func wrappersTooDeep() {
    var wrapped = P.stateDict([("w", LegacyFormTests.matrix)])
    for _ in 0..<4 { wrapped = P.stateDict([("model", wrapped)]) }
    #expect(refusal(LegacyFile.withFourFloats(wrapped)) == nil)
    for _ in 0..<2 { wrapped = P.stateDict([("model", wrapped)]) }
    #expect(refusal(LegacyFile.withFourFloats(wrapped)) == .noTensors(found: "a dictionary"))
  }

  @Test func namesTooLong() {
    let name = String(repeating: "n", count: TensorFinder.maximumNameLength + 1)
    #expect(
      refusal(LegacyFile.withFourFloats(P.stateDict([(name, LegacyFormTests.matrix)])))
        == .limit(.nameLength, maximum: TensorFinder.maximumNameLength))
    let long = Array("c\(name)\nx\n".utf8)
    #expect(
      refusal(LegacyFile(object: long).bytes)
        == .limit(.textLength, maximum: PickleLimits.name))
  }
}
