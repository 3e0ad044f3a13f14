import Converter
import GraphIR
import Testing

/// TorchScript archives and NumPy arrays that were written by hand.
@Suite struct HostileScriptTests {
  typealias P = PickleBytes

  static func storage(_ count: Int = 4) -> [UInt8] {
    P.tuple([
      P.text("storage"), P.global("torch", "FloatStorage"), P.text("0"), P.text("cpu"),
      P.int(count),
    ]) + [0x51]
  }

  static let tensor = P.tensor(storage(), size: [4], stride: [1])

  static func script(
    _ object: [UInt8], code: String? = nil, constants: [UInt8] = P.emptyTuple
  ) -> [UInt8] {
    var archive = ZipBytes.checkpoint
    archive.entries[0].bytes = TarBytes.pickle(object)
    archive.entries.append(.init(name: "a/constants.pkl", bytes: TarBytes.pickle(constants)))
    if let code {
      archive.entries.append(.init(name: "a/code/__torch__.py", bytes: Array(code.utf8)))
    }
    return archive.bytes
  }

  static func module(_ attributes: [(String, [UInt8])], _ name: String = "Net") -> [UInt8] {
    P.object("__torch__", name, state: P.stateDict(attributes))
  }

  @Test func theCodeSaysWhatCounts() throws {
    let net = Self.module([("plain", Self.tensor), ("b", Self.tensor), ("p", Self.tensor)])
    let code = """
      class Net(Module):
        __parameters__ = ["p", ]
        __buffers__ = ["b", ]
        plain : Tensor
      """
    let checkpoint = try Checkpoint(bytes: Self.script(net, code: code))
    #expect(checkpoint.kind == .torchScript)
    #expect(checkpoint.moduleClass == "Net")
    #expect(checkpoint.tensors.map(\.name) == ["p", "b"])
    // Without the code every tensor may be a part.
    #expect(
      try Checkpoint(bytes: Self.script(net)).tensors.map(\.name) == ["plain", "b", "p"])
    // A class of data is no module.
    let outer = Self.module([("x", net), ("p", Self.tensor)], "Outer")
    let data = "class Outer(Module):\n  __parameters__ = [\"p\", ]\nclass Net:\n  p : Tensor\n"
    #expect(try Checkpoint(bytes: Self.script(outer, code: data)).tensors.map(\.name) == ["p"])
  }

  @Test func whatCannotBeReadIsRefused() {
    let packed = Self.module([
      ("p", P.object("__torch__.torch.classes.quantized", "Conv2dPackedParamsBase", state: P.none))
    ])
    #expect(refusal(Self.script(packed)) == .unsupportedTensor("packed for one processor"))
    #expect(refusal(Self.script(P.emptyDict)) == .noTensors(found: "a dictionary"))
    #expect(
      refusal(Self.script(Self.module([])))
        == .noTensors(found: "an object of class __torch__.Net"))
    let good = Self.script(Self.module([("p", Self.tensor)]))
    #expect(refusal(good) == nil)
    #expect(refusal(good, key: "p") == .missingKey("p", keys: []))
    let call = P.global("os", "system") + P.tuple([P.text("x")]) + P.reduce
    #expect(refusal(Self.script(call)) == .forbiddenName("os.system"))
    let constants = Self.script(Self.module([("p", Self.tensor)]), constants: call)
    #expect(refusal(constants) == .forbiddenName("os.system"))
  }

  @Test func modulesThatContainThemselvesOrMultiply() {
    let knot =
      P.global("__torch__", "Net") + P.emptyTuple + [0x81] + P.put(0)
      + P.stateDict([("a", P.get(0))]) + P.build
    #expect(refusal(Self.script(knot)) == .cyclicModules(path: "a."))
    var tower = Self.module([]) + P.put(0)
    for level in UInt8(1)...40 {
      tower +=
        [0x30] + Self.module([("a", P.get(level - 1)), ("b", P.get(level - 1))]) + P.put(level)
    }
    #expect(
      refusal(Self.script(tower)) == .limit(.modules, maximum: TensorFinder.maximumModules))
  }

  /// Code that is no code.
  @Test func theCodeMayBeAnything() {
    let net = Self.module([("p", Self.tensor)])
    for code in [
      "", "class", "class ", "class Net(Module", "class Net(Module):\n  __parameters__ = [\"",
      "class Net(Module):\n  __parameters__ = p", "\u{0}\n\n\n",
      "class Net(Module):\nx\n  __buffers__",
    ] {
      let found = refusal(Self.script(net, code: code))
      #expect(found == nil || found == .noTensors(found: "an object of class __torch__.Net"))
    }
  }

  // NumPy arrays.

  static func array(
    shape: [Int], bytes: [UInt8], type: String = "f4", order: String = "<"
  ) -> [UInt8] {
    let dtype =
      P.global("numpy", "dtype") + P.tuple([P.text(type), [0x89], [0x88]]) + P.reduce
      + P.tuple([P.int(3), P.text(order), P.none, P.none, P.none, P.int(-1), P.int(-1), P.int(0)])
      + P.build
    return P.global("numpy.core.multiarray", "_reconstruct")
      + P.tuple([P.global("numpy", "ndarray"), P.ints([0]), [0x43, 1, 0x62]]) + P.reduce
      + P.tuple([
        P.int(1), P.ints(shape), dtype, [0x89],
        [0x42] + P.little(UInt32(bytes.count)) + bytes,
      ]) + P.build
  }

  func reading(_ array: [UInt8]) -> CheckpointError.Reason? {
    refusal(LegacyFile(object: P.stateDict([("w", array)])).bytes)
  }

  @Test func arraysAreWhatTheySay() throws {
    let values = P.floats([1, 2])
    #expect(reading(Self.array(shape: [2], bytes: values)) == nil)
    #expect(reading(Self.array(shape: [3], bytes: values)) == .invalidRebuild(.arraySize))
    #expect(
      reading(Self.array(shape: [1 << 40, 1 << 40], bytes: values)) == .invalidRebuild(.arraySize))
    #expect(
      reading(Self.array(shape: [0, 1 << 40, 1 << 40], bytes: [])) == nil)
    #expect(
      reading(Self.array(shape: [1 << 28], bytes: values))
        == .tensorBudget(maximum: TensorLimits.expansionFloor))
    // Objects, dates and texts are no numbers, and so no tensors.
    for type in ["O8", "M8", "U3", "S1", "V4", ""] {
      #expect(
        reading(Self.array(shape: [2], bytes: values, type: type))
          == .noTensors(found: "a dictionary"))
    }
    #expect(
      reading(Self.array(shape: [-2], bytes: values)) == .noTensors(found: "a dictionary"))
  }
}
