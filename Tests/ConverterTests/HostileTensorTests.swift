import Converter
import GraphIR
import Testing

/// Tensors that claim what their storage does not have.
@Suite struct HostileTensorTests {
  typealias P = PickleBytes

  @Test func windowsBeyondTheStorage() {
    func reason(_ offset: Int, _ size: [Int], _ stride: [Int]) -> CheckpointError.Reason? {
      refusal(LegacyFile.tensor(offset: offset, size: size, stride: stride))
    }
    #expect(reason(0, [4], [1]) == nil)
    #expect(reason(0, [5], [1]) == .outOfBounds(needed: 5, available: 4))
    #expect(reason(1, [4], [1]) == .outOfBounds(needed: 5, available: 4))
    #expect(reason(4, [1], [1]) == .outOfBounds(needed: 5, available: 4))
    #expect(reason(0, [2, 2], [3, 1]) == .outOfBounds(needed: 5, available: 4))
    #expect(reason(3, [], []) == nil)
    #expect(reason(4, [], []) == .outOfBounds(needed: 5, available: 4))
    #expect(reason(.max, [1], [1]) == .outOfBounds(needed: .max, available: 4))
    #expect(reason(.max, [2], [1]) == .outOfBounds(needed: .max, available: 4))
    #expect(reason(0, [3], [.max]) == .outOfBounds(needed: .max, available: 4))
    #expect(reason(0, [2, 2], [.max, .max]) == .outOfBounds(needed: .max, available: 4))
    // The stride of a single index is never used.
    #expect(reason(0, [1, 4, 1], [.max, 1, .max]) == nil)
    #expect(reason(0, [1, 2, 1], [.max, 2, .max]) == nil)
    // Nothing is read for a tensor without elements.
    #expect(reason(.max, [0, 3], [.max, .max]) == nil)
  }

  @Test func negativeNumbers() {
    for (offset, size, stride) in [
      (-1, [4], [1]), (0, [-4], [1]), (0, [4], [-1]), (.min, [1], [1]),
    ] {
      #expect(
        refusal(LegacyFile.tensor(offset: offset, size: size, stride: stride))
          == .negativeGeometry(offset: offset, shape: size, strides: stride))
    }
  }

  @Test func shapesThatDoNotFit() {
    let huge = 1 << 40
    #expect(
      refusal(LegacyFile.tensor(size: [huge, huge], stride: [0, 0]))
        == .tooLarge(shape: [huge, huge]))
    #expect(
      refusal(LegacyFile.tensor(size: [1 << 62], stride: [0])) == .tooLarge(shape: [1 << 62]))
    #expect(
      refusal(LegacyFile.tensor(size: [2], stride: [1, 1])) == .rankMismatch(shape: 1, strides: 2))
    let many = Array(repeating: 1, count: 65)
    #expect(refusal(LegacyFile.tensor(size: many, stride: many)) == .limit(.rank, maximum: 64))
  }

  @Test func expandedTensorsMayNotFillTheMemory() throws {
    let floor = TensorLimits.expansionFloor
    #expect(
      refusal(LegacyFile.tensor(size: [floor / 4 + 1], stride: [0]))
        == .tensorBudget(maximum: floor))
    let small = try Checkpoint(bytes: LegacyFile.tensor(offset: 2, size: [3, 2], stride: [0, 1]))
    #expect(small["w"]?.floats() == [3, 4, 3, 4, 3, 4])
    // Many tensors that share one storage count together: those that must be copied …
    let copies = TensorLimits.copyFloor + 16
    let half = P.tensor(P.storage(count: 4), size: [copies / 32, 4], stride: [0, 1])
    let three = P.stateDict([("a", half), ("b", half), ("c", half)])
    #expect(refusal(LegacyFile.withFourFloats(three)) == .tensorBudget(maximum: copies))
    // … and those that need not.
    let count = floor / 32
    let view = P.tensor(P.storage(count: count), size: [count], stride: [1])
    let data = [UInt8](repeating: 0, count: count * 4)
    func views(_ number: Int) -> [UInt8] {
      let object = P.stateDict((0..<number).map { (String($0), view) })
      return LegacyFile(object: object, storages: [("1", count, data)]).bytes
    }
    #expect(refusal(views(8)) == nil)
    #expect(refusal(views(9)) == .tensorBudget(maximum: floor))
  }

  @Test func storagesOfAnotherSize() {
    // The count in the object and the count before the data.
    #expect(
      refusal(LegacyFile.tensor(size: [4], stride: [1], count: 5))
        == .storageSize(key: "1", expected: 5, found: 4))
    let object = P.stateDict([
      ("w", P.tensor(P.storage(count: 1 << 61), size: [1], stride: [1]))
    ])
    let lying = LegacyFile(object: object, storages: [("1", 1 << 61, P.floats([1]))]).bytes
    #expect(refusal(lying) == .truncated(needed: .max, available: 4))
    // Two mentions of one storage that disagree about its type.
    let two = P.stateDict([
      ("a", LegacyFormTests.matrix),
      ("b", P.tensor(P.storage(count: 4, type: "DoubleStorage"), size: [1], stride: [1])),
    ])
    #expect(
      refusal(LegacyFile.withFourFloats(two))
        == .storageSize(key: "1", expected: 32, found: 16))
  }

  @Test func descriptionsThatMakeNoSense() {
    func reason(_ arguments: [[UInt8]]) -> CheckpointError.Reason? {
      let call = P.global("torch._utils", "_rebuild_tensor_v2") + P.tuple(arguments) + P.reduce
      return refusal(LegacyFile.withFourFloats(P.stateDict([("w", call)])))
    }
    let storage = P.storage(count: 4)
    #expect(reason([]) == .invalidRebuild(.missingArguments(found: 0)))
    #expect(
      reason([storage, P.int(0), P.ints([4])]) == .invalidRebuild(.missingArguments(found: 3)))
    #expect(
      reason([P.none, P.int(0), P.ints([4]), P.ints([1])])
        == .invalidRebuild(.notAStorage(found: "None")))
    #expect(
      reason([storage, P.none, P.ints([4]), P.ints([1])])
        == .invalidRebuild(.invalidOffset))
    #expect(
      reason([storage, P.int(0), P.tuple([P.none]), P.ints([1])])
        == .invalidRebuild(.invalidExtents))
    func wrapping(_ arguments: [[UInt8]]) -> CheckpointError.Reason? {
      let call = P.global("torch._utils", "_rebuild_parameter") + P.tuple(arguments) + P.reduce
      return refusal(LegacyFile(object: P.stateDict([("w", call)])).bytes)
    }
    #expect(wrapping([]) == .invalidRebuild(.missingArguments(found: 0)))
    #expect(wrapping([P.none]) == .unsupportedTensor("None"))
    // A subclass inside a subclass, and one that nobody knows how to rebuild.
    func subclass(
      _ function: [UInt8], _ arguments: [[UInt8]] = []
    ) -> CheckpointError.Reason? {
      let call =
        P.global("torch._tensor", "_rebuild_from_type_v2")
        + P.tuple([function, P.global("a", "T"), P.tuple(arguments), P.none]) + P.reduce
      let object = P.stateDict([("w", call)])
      return refusal(
        arguments.isEmpty ? LegacyFile(object: object).bytes : LegacyFile.withFourFloats(object))
    }
    let strided = P.global("torch._utils", "_rebuild_tensor_v2")
    #expect(subclass(strided, [storage, P.int(0), P.ints([4]), P.ints([1])]) == nil)
    #expect(subclass(P.global("a", "f")) == .unsupportedTensor("subclassed"))
    #expect(
      subclass(P.global("torch._tensor", "_rebuild_from_type_v2"))
        == .invalidRebuild(.nestedSubclass))
  }

  @Test func typesWithoutANameHere() {
    // A tensor of a type that has no name here is refused by the name it has.
    let typed =
      P.global("torch._utils", "_rebuild_tensor_v3")
      + P.tuple([
        P.storage(count: 4), P.int(0), P.ints([4]), P.ints([1]), [0x89], P.emptyDict,
        P.global("torch", "float8_e4m3fnuz"),
      ]) + P.reduce
    #expect(
      refusal(LegacyFile.withFourFloats(P.stateDict([("w", typed)])))
        == .unsupportedElement("torch.float8_e4m3fnuz"))
  }
}
