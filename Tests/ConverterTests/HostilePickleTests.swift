import Converter
import Testing

/// Pickles that attack, or that no pickler writes: each is refused where it goes wrong.
@Suite struct HostilePickleTests {
  typealias P = PickleBytes

  static let forbidden: [(String, String)] = [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("sys", "exit"),
    ("subprocess", "Popen"), ("builtins", "eval"), ("builtins", "exec"), ("builtins", "getattr"),
    ("builtins", "__import__"), ("builtins", "open"), ("builtins", "compile"),
    ("__builtin__", "eval"), ("__builtin__", "apply"), ("__builtin__", "input"),
    ("importlib", "import_module"), ("importlib.util", "spec_from_file_location"),
    ("runpy", "run_path"), ("shutil", "rmtree"), ("socket", "socket"), ("ctypes", "CDLL"),
    ("pickle", "loads"), ("_pickle", "loads"), ("marshal", "loads"), ("types", "FunctionType"),
    ("types", "CodeType"), ("code", "interact"), ("webbrowser", "open"),
    ("operator", "attrgetter"), ("operator", "methodcaller"), ("operator", "itemgetter"),
    ("functools", "reduce"), ("torch._dynamo.guards", "GuardBuilder.get"),
    ("torch.utils.data.datapipes.utils.decoder", "basichandlers"),
    ("torch.utils.data.dataset", "os.system"), ("numpy.testing._private.utils", "runstring"),
    ("lib2to3.pgen2.grammar", "Grammar.loadGrammar"), ("doctest", "debug_script"),
    ("torch", "load"), ("torch.serialization", "load"),
    ("torch.jit", "load"), ("torch.hub", "load"), ("torch.utils.cpp_extension", "load"),
    ("torch.utils._config_module", "ConfigModule"), ("numpy", "load"), ("numpy.f2py", "compile"),
    ("torch.storage", "_load_from_bytes"), ("torch.serialization", "os.system"), ("os.path", "x"),
    ("", "system"),
  ]

  @Test(arguments: forbidden)
  func namesOfAttacksAreRefusedWhereTheyAreRead(module: String, name: String) throws {
    let called = P.tuple([P.text("true")]) + P.reduce
    let plain = LegacyFile(object: P.global(module, name) + called).bytes
    #expect(refusal(plain) == .forbiddenName("\(module).\(name)"))
    let stacked = P.text(module) + P.text(name) + [0x93] + called
    #expect(refusal(LegacyFile(object: stacked).bytes) == .forbiddenName("\(module).\(name)"))
    // The refusal stands at the instruction: 15 + 6 + 4 bytes of pickles, 2 of protocol.
    do {
      _ = try Checkpoint(bytes: plain)
      Issue.record("read")
    } catch {
      #expect(error.offset == 15 + 6 + 4 + 2)
    }
  }

  /// Names that only look like those: classes of somebody's own, and harmless records.
  @Test func namesOfOtherThingsAreNot() {
    for (module, name) in [
      ("code.models", "DenseNet"), ("trace.net", "Net"), ("osmodels", "Net"), ("my.os", "Net"),
      ("types", "SimpleNamespace"), ("torch.utils.hooks", "RemovableHandle"), ("builtins", "slice"),
      ("numpy.core.multiarray", "scalar"), ("numpy", "dtype"), ("torch", "device"),
      ("functools", "lru_cache"), ("functools", "partial"),
      ("torch.utils.data.dataset", "TensorDataset"), ("pathlib", "PosixPath"),
    ] {
      let extra = P.global(module, name) + P.emptyTuple + P.reduce
      let file = LegacyFile.withFourFloats(
        P.stateDict([("w", LegacyFormTests.matrix), ("x", extra)]))
      #expect(refusal(file) == nil, "\(module).\(name)")
    }
  }

  @Test func attacksBesideAGoodModelAreRefusedToo() {
    let good = LegacyFormTests.matrix
    let bad = P.global("posix", "system") + P.tuple([P.text("true")]) + P.reduce
    let file = LegacyFile.withFourFloats(P.stateDict([("w", good), ("x", bad)]))
    #expect(refusal(file) == .forbiddenName("posix.system"))
  }

  @Test func bytesAreTheOnlyThingThatACodecMayMake() throws {
    func encoded(_ codec: String) -> [UInt8] {
      let call = P.global("_codecs", "encode") + P.tuple([P.text("x"), P.text(codec)]) + P.reduce
      return LegacyFile.withFourFloats(
        P.stateDict([("w", LegacyFormTests.matrix), ("x", call)]))
    }
    #expect(refusal(encoded("latin1")) == nil)
    #expect(
      refusal(encoded("zlib")) == .forbiddenName("_codecs.encode with a codec other than latin1"))
  }

  /// Calls and attributes of unknown classes are recorded and lead to nothing.
  @Test func unknownClassesAreInert() throws {
    let object =
      P.global("evil", "run") + P.tuple([P.text("rm")]) + P.reduce + P.stateDict([("a", P.none)])
      + P.build + P.text("k") + P.none + P.setItem + P.none + P.append
    let file = LegacyFile.withFourFloats(
      P.stateDict([("w", LegacyFormTests.matrix), ("x", object)]))
    let checkpoint = try Checkpoint(bytes: file)
    #expect(checkpoint.tensors.map(\.name) == ["w"])
    #expect(checkpoint.notes == [.skippedEntries(["x"])])
  }

  static let refusedInstructions: [(String, [UInt8])] = [
    ("EXT1", [0x82, 1]), ("EXT2", [0x83, 1, 0]), ("EXT4", [0x84, 1, 0, 0, 0]),
    ("PERSID", Array("P1\n".utf8)),
    ("NEXT_BUFFER", [0x97]), ("READONLY_BUFFER", [0x98]),
  ]

  @Test(arguments: refusedInstructions)
  func instructionsThatRunCodeAreRefused(name: String, bytes: [UInt8]) {
    #expect(refusal(LegacyFile(object: bytes).bytes) == .refusedOpcode(name))
  }

  /// The ways in which Python 2 made objects of its old classes.
  @Test func oldInstancesAreInertRecords() throws {
    for object in [
      P.mark + P.text("rm") + Array("inet\nNet\n".utf8),
      P.mark + P.global("net", "Net") + P.text("rm") + [0x6f],
    ] {
      let state = P.stateDict([("_parameters", P.stateDict([("w", LegacyFormTests.matrix)]))])
      let checkpoint = try Checkpoint(
        bytes: LegacyFile.withFourFloats(object + state + P.build))
      #expect(checkpoint.moduleClass == "net.Net")
      #expect(checkpoint["w"]?.floats() == [1, 2, 3, 4])
    }
    let instance = P.mark + P.text("true") + Array("ios\nsystem\n".utf8)
    #expect(refusal(LegacyFile(object: instance).bytes) == .forbiddenName("os.system"))
    let object = P.mark + P.global("os", "system") + P.text("true") + [0x6f]
    #expect(refusal(LegacyFile(object: object).bytes) == .forbiddenName("os.system"))
    #expect(
      refusal(LegacyFile(object: P.mark + [0x6f]).bytes)
        == .wrongOperand(opcode: "OBJ", expected: .names))
    #expect(
      refusal(LegacyFile(object: Array("inet\nNet\n".utf8)).bytes)
        == .missingMark(opcode: "INST"))
  }

  static let faults: [(String, [UInt8], CheckpointError.Reason)] = [
    ("no instruction", [0xff], .unknownOpcode(0xff)),
    ("protocol 6", [0x80, 6], .unsupportedProtocol(6)),
    ("nothing to stop with", [], .stackUnderflow(opcode: "STOP")),
    ("nothing to append to", P.none + [0x61], .stackUnderflow(opcode: "APPEND")),
    ("nothing to duplicate", [0x32], .stackUnderflow(opcode: "DUP")),
    ("nothing to drop", [0x30], .stackUnderflow(opcode: "POP")),
    ("values below a mark", P.none + P.mark + [0x85], .stackUnderflow(opcode: "TUPLE1")),
    ("no mark", [0x74], .missingMark(opcode: "TUPLE")),
    ("no mark to drop", [0x31], .missingMark(opcode: "POP_MARK")),
    ("unknown object", [0x68, 7], .missingMemo(index: 7)),
    ("unknown object in text", Array("g12\n".utf8), .missingMemo(index: 12)),
    ("negative place", Array("p-1\n".utf8), .invalidNumber("-1")),
    (
      "a key without a value", P.emptyDict + P.mark + P.none + [0x75],
      .wrongOperand(opcode: "SETITEMS", expected: .pairs)
    ),
    (
      "an append to a number", [0x4b, 1] + P.none + P.append,
      .wrongOperand(opcode: "APPEND", expected: .listOrSet)
    ),
    (
      "an entry of a list", P.emptyList + P.none + P.none + P.setItem,
      .wrongOperand(opcode: "SETITEM", expected: .dictionary)
    ),
    (
      "a call without a tuple", P.global("a", "b") + P.emptyList + P.reduce,
      .wrongOperand(opcode: "REDUCE", expected: .arguments)
    ),
    (
      "a class named by numbers", [0x4b, 1, 0x4b, 2, 0x93],
      .wrongOperand(opcode: "STACK_GLOBAL", expected: .names)
    ),
    ("letters for a number", Array("Iten\n".utf8), .invalidNumber("ten")),
    ("letters for a fraction", Array("Fhalf\n".utf8), .invalidNumber("half")),
    (
      "a persistent id that is text", P.text("1") + [0x51],
      .invalidPersistentID(.notATuple)
    ),
    (
      "a persistent id of another kind", P.tuple([P.text("file"), P.none]) + [0x51],
      .invalidPersistentID(.unknownKind("file", parts: 2))
    ),
    (
      "a storage of no class", P.tuple(Array(repeating: P.text("storage"), count: 5)) + [0x51],
      .invalidPersistentID(.notAStorageClass(found: "a string"))
    ),
    (
      "a negative storage", P.storage(count: -1),
      .invalidPersistentID(.missingKeyOrCount)
    ),
    (
      "a view beyond its storage",
      P.storage(count: 4, view: P.tuple([P.text("v"), P.int(3), P.int(2)])),
      .invalidPersistentID(.viewOutOfBounds)
    ),
    (
      "a view that wraps round",
      P.storage(count: 4, view: P.tuple([P.text("v"), P.int(4), P.int(.max)])),
      .invalidPersistentID(.viewOutOfBounds)
    ),
    (
      "an overlong number", [0x8b] + P.little(Int32(2_000)) + Array(repeating: 1, count: 2_000),
      .limit(.integerLength, maximum: 1_024)
    ),
  ]

  @Test(arguments: faults)
  func faultsAreNamed(what: String, bytes: [UInt8], reason: CheckpointError.Reason) {
    #expect(refusal(LegacyFile(object: bytes).bytes) == reason, "\(what)")
  }

  static let lengths: [(String, [UInt8], String)] = [
    ("LONG4", [0x8b] + P.little(Int32(-1)), "-1"),
    ("LONG4 of all bits", [0x8b] + P.little(Int32.min), "\(Int32.min)"),
    ("BINSTRING", [0x54] + P.little(Int32(-5)), "-5"),
    ("BINUNICODE", [0x58] + P.little(UInt32.max), "\(UInt32.max)"),
    ("BINUNICODE8", [0x8d] + P.little(UInt64.max), "\(UInt64.max)"),
    ("BINBYTES", [0x42] + P.little(UInt32(1 << 30)), "\(1 << 30)"),
    ("BINBYTES8", [0x8e] + P.little(UInt64(1) << 63), "\(UInt64(1) << 63)"),
    ("BYTEARRAY8", [0x96] + P.little(UInt64(1) << 50), "\(1 << 50)"),
    ("FRAME", [0x95] + P.little(UInt64(1) << 40), "\(1 << 40)"),
  ]

  @Test(arguments: lengths)
  func lengthsBeyondTheFileAreRefused(opcode: String, bytes: [UInt8], length: String) {
    guard case .lengthOutOfRange(length, _)? = refusal(LegacyFile(object: bytes).bytes) else {
      Issue.record("\(opcode): \(String(describing: refusal(LegacyFile(object: bytes).bytes)))")
      return
    }
  }

  @Test func theFrameOfALegacyFileIsChecked() {
    let good = LegacyFile.tensor(size: [4], stride: [1])
    var file = LegacyFile(object: P.emptyDict)
    file.magic[3] = 0
    #expect(refusal(file.bytes) == .unsupportedKind(.pickle))
    file = LegacyFile(object: P.emptyDict)
    file.version = [0x4d, 0xea, 0x03]
    #expect(refusal(file.bytes) == .unsupportedLegacyProtocol(1002))
    file.version = P.none
    #expect(refusal(file.bytes) == .unsupportedLegacyProtocol(nil))
    file = LegacyFile(object: P.emptyDict, storages: [("7", 1, P.floats([1]))])
    #expect(refusal(file.bytes) == .unreferencedStorage(key: "7"))
    let object = P.stateDict([("w", LegacyFormTests.matrix)])
    let four = ("1", 4, P.floats([1, 2, 3, 4]))
    #expect(
      refusal(LegacyFile(object: object, storages: [four, four]).bytes)
        == .duplicateStorage(key: "1"))
    #expect(refusal(LegacyFile(object: object).bytes) == .missingStorage(key: "1"))
    #expect(refusal(good) == nil)
  }
}
