import Converter
import Testing

/// Dictionaries of whole numbers beside the tensors.
@Suite struct TableTests {
  typealias P = PickleBytes

  /// A state dict under `model_state` with other entries beside it.
  private func file(_ entries: [(String, [UInt8])]) -> [UInt8] {
    let state = P.stateDict([("w", P.tensor(P.storage(count: 4), size: [4], stride: [1]))])
    return LegacyFile.withFourFloats(P.stateDict([("model_state", state)] + entries))
  }

  private func table(_ entries: [(String, Int)]) -> [UInt8] {
    P.stateDict(entries.map { ($0.0, P.int($0.1)) })
  }

  private func tables(_ entries: [(String, [UInt8])]) throws -> [String: [String: Int]] {
    try Checkpoint(bytes: file(entries)).summary.tables
  }

  @Test func wholeNumbersByName() throws {
    let order = table([("a", 2), ("b", -1), ("a", 0)])
    #expect(try tables([("order", order)]) == ["order": ["a": 0, "b": -1]])
    let number = P.int(3)
    #expect(try tables([("epoch", number), ("empty", P.emptyDict)]) == [:])
    let mixed = P.stateDict([("a", number), ("b", P.text("c"))])
    let unnamed = P.dict([(number, number)])
    #expect(try tables([("mixed", mixed), ("unnamed", unnamed), ("order", order)]).count == 1)
  }

  /// Python takes the last of equal keys, whatever it is.
  @Test func whatWasOverwrittenIsGone() throws {
    let order = table([("a", 2)])
    for other in [P.text("x"), P.emptyDict, P.stateDict([("a", P.none)])] {
      #expect(try tables([("order", order), ("order", other)]) == [:])
    }
    #expect(try tables([("order", table([("b", 1)])), ("order", order)]) == ["order": ["a": 2]])
  }

  /// A thousand names in all: one dictionary under many keys would fill more memory than the file has
  /// bytes.
  @Test func manyNamesArePassedOver() throws {
    func numbered(_ count: Int) -> [UInt8] { table((0..<count).map { ("n\($0)", $0) }) }
    // One look goes to the state dict.
    #expect(try tables([("a", numbered(1023))])["a"]?.count == 1023)
    #expect(try tables([("a", numbered(1024))]) == [:])
    let shared = numbered(400) + P.put(9)
    let both = try tables([("a", shared), ("b", P.get(9)), ("c", P.get(9)), ("d", P.get(9))])
    #expect(both.keys.sorted() == ["a", "b"])
    let long = String(repeating: "x", count: 257)
    #expect(try tables([("a", table([(long, 1)])), (long, table([("b", 1)]))]) == [:])
  }

  @Test func ofAnArchiveUnderItsMembersNames() throws {
    let bytes = ZipBytes(entries: [
      .init(name: "f/a.pt", bytes: file([("order", table([("x", 1)]))])),
      .init(name: "f/b.pt", bytes: file([("order", table([("x", 0)]))])),
    ]).bytes
    #expect(
      try Checkpoint(bytes: bytes).summary.tables
        == ["f/a/order": ["x": 1], "f/b/order": ["x": 0]])
  }
}
