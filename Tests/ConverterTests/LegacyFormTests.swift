import Converter
import GraphIR
import Testing

/// Forms that old versions wrote and the installed PyTorch no longer does, written out by hand.
@Suite struct LegacyFormTests {
  typealias P = PickleBytes
  static let matrix = P.tensor(P.storage(count: 4), size: [2, 2], stride: [2, 1])

  @Test func theHandWrittenFileIsRead() throws {
    let checkpoint = try Checkpoint(bytes: LegacyFile.tensor(size: [2, 2], stride: [1, 2]))
    #expect(checkpoint.kind == .pyTorchLegacyStateDict)
    #expect(checkpoint["w"]?.shape == [2, 2])
    #expect(checkpoint["w"]?.floats() == [1, 3, 2, 4])
  }

  /// Python 2 writes short strings as bytes, and its own names for modules.
  @Test func stringsOfPythonTwo() throws {
    func short(_ text: String) -> [UInt8] { [0x55, UInt8(text.utf8.count)] + Array(text.utf8) }
    let storage =
      P.tuple([
        short("storage"), P.global("torch", "FloatStorage"), short("1"), short("cpu"), P.int(4),
        P.none,
      ]) + [0x51]
    let tensor =
      P.global("torch._utils", "_rebuild_tensor")
      + P.tuple([storage, P.int(1), P.ints([3]), P.ints([1])]) + P.reduce
    let pair = P.emptyList + short("w") + P.append + tensor + P.append
    // An ordered dictionary was a call with a list of lists.
    let object =
      P.global("collections", "OrderedDict") + P.tuple([P.emptyList + pair + P.append]) + P.reduce
    let file = LegacyFile(object: object, storages: [("1", 4, P.floats([1, 2, 3, 4]))]).bytes
    #expect(try Checkpoint(bytes: file)["w"]?.floats() == [2, 3, 4])
  }

  /// Before 0.4 a parameter was an object whose state begins with its tensor.
  @Test func parametersAsObjects() throws {
    let parameter = P.object(
      "torch.nn.parameter", "Parameter", state: P.tuple([Self.matrix, [0x88], P.emptyDict]))
    let checkpoint = try Checkpoint(
      bytes: LegacyFile.withFourFloats(P.stateDict([("w", parameter)])))
    #expect(checkpoint["w"]?.floats() == [1, 2, 3, 4])
  }

  @Test func modulesOfProtocolOneAndWithSlots() throws {
    let attributes = P.dict([
      (P.text("_parameters"), P.stateDict([("w", Self.matrix), ("bias", P.none)])),
      (P.text("_buffers"), P.emptyDict),
      (P.text("_modules"), P.emptyDict),
    ])
    let made =
      P.global("copy_reg", "_reconstructor")
      + P.tuple([P.global("old", "Net"), P.global("__builtin__", "object"), P.none]) + P.reduce
    for state in [attributes, P.tuple([attributes, P.emptyDict])] {
      let checkpoint = try Checkpoint(bytes: LegacyFile.withFourFloats(made + state + P.build))
      #expect(checkpoint.moduleClass == "old.Net")
      #expect(checkpoint.kind == .pyTorchLegacyModule)
      #expect(checkpoint.tensors.map(\.name) == ["w"])
    }
  }

  /// The first use of a class in a whole module brings its source text along.
  @Test func classesWithSourceText() throws {
    let identified =
      P.tuple([P.text("module"), P.global("zoo", "Net"), P.text("net.py"), P.text("class Net: …")])
      + [0x51]
    let attributes = P.dict([(P.text("_parameters"), P.stateDict([("w", Self.matrix)]))])
    let object = identified + P.emptyTuple + [0x81] + attributes + P.build
    let checkpoint = try Checkpoint(bytes: LegacyFile.withFourFloats(object))
    #expect(checkpoint.moduleClass == "zoo.Net")
    #expect(checkpoint["w"]?.floats() == [1, 2, 3, 4])
  }

  @Test func viewsOfStorages() throws {
    let view = P.tuple([P.text("9"), P.int(2), P.int(2)])
    let tensor = P.tensor(P.storage(count: 4, view: view), size: [2], stride: [1])
    let file = LegacyFile.withFourFloats(P.stateDict([("w", tensor)]))
    #expect(try Checkpoint(bytes: file)["w"]?.floats() == [3, 4])
    let beyond = P.tensor(P.storage(count: 4, view: view), size: [3], stride: [1])
    #expect(
      refusal(LegacyFile.withFourFloats(P.stateDict([("w", beyond)])))
        == .outOfBounds(needed: 3, available: 2))
  }

  @Test func textNumbersOfProtocolZero() throws {
    let storage =
      P.tuple([
        P.text("storage"), P.global("torch", "FloatStorage"), Array("S'1'\n".utf8),
        Array("Vcpu\n".utf8), Array("L4L\n".utf8), P.none,
      ]) + [0x51]
    let tensor =
      P.global("torch._utils", "_rebuild_tensor")
      + P.tuple([storage, Array("I2\n".utf8), P.ints([2]), P.ints([1])]) + P.reduce
    let extra = P.stateDict([
      ("w", tensor), ("f", Array("F0.5\n".utf8)), ("t", Array("I01\n".utf8)),
    ])
    let checkpoint = try Checkpoint(bytes: LegacyFile.withFourFloats(extra))
    #expect(checkpoint["w"]?.floats() == [3, 4])
    #expect(checkpoint.notes == [.skippedEntries(["f", "t"])])
  }

  @Test func aRepeatedNameCountsOnceWithItsLastValue() throws {
    let row = P.tensor(P.storage(count: 4), offset: 3, size: [1], stride: [1])
    let file = LegacyFile.withFourFloats(
      P.stateDict([("w", Self.matrix), ("v", Self.matrix), ("w", row)]))
    let checkpoint = try Checkpoint(bytes: file)
    #expect(checkpoint.tensors.map(\.name) == ["w", "v"])
    #expect(checkpoint["w"]?.floats() == [4])
  }
}
