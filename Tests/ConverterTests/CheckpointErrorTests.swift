import Converter
import Testing

/// Every refusal is one sentence that names the file, the place, the reason and the way out.
@Suite struct CheckpointErrorTests {
  static let damaged = "the file is damaged, fetch it again"

  static let sentences: [(CheckpointError.Reason, String)] = [
    (.missingFile, "there is no such file; check the path"),
    (.unreadableFile(errorNumber: 13), "cannot be read (Permission denied)"),
    (.isFolder, "is a folder; name the checkpoint file in it"),
    (.notRegularFile, "is no regular file; copy the data into one first"),
    (
      .unsupportedKind(.oldTorchScript),
      "is a TorchScript archive from PyTorch before 1.3; load it in PyTorch and save its "
        + "state_dict() with torch.save"
    ),
    (
      .truncated(needed: 8, available: 3),
      "needs 8 more bytes where 3 are left; the file was cut short, fetch it again"
    ),
    (
      .lengthOutOfRange("-1", available: 3),
      "gives a length of -1 where 3 bytes are left; \(damaged)"
    ),
    (
      .limit(.memory, maximum: 5),
      "has more than 5 bytes of pickled objects, which no real checkpoint needs; save only "
        + "model.state_dict() and try again"
    ),
    (.unknownOpcode(255), "has byte 255 where a pickle instruction belongs; \(damaged)"),
    (
      .refusedOpcode("EXT1"),
      "uses the pickle instruction EXT1, which PyTorch never writes; do not trust this file"
    ),
    (
      .unsupportedProtocol(6),
      "is a pickle of protocol 6, and 5 is the newest there is; \(damaged)"
    ),
    (
      .forbiddenName("os.system"),
      "refers to “os.system”, which a weight file has no use for and an attack has; do not trust "
        + "this file"
    ),
    (.stackUnderflow(opcode: "POP"), "POP finds nothing on the pickle stack; \(damaged)"),
    (.missingMark(opcode: "TUPLE"), "TUPLE finds no mark on the pickle stack; \(damaged)"),
    (.missingMemo(index: 7), "recalls object 7, which was never stored; \(damaged)"),
    (
      .wrongOperand(opcode: "REDUCE", expected: .arguments),
      "REDUCE needs a tuple of arguments and finds something else; \(damaged)"
    ),
    (
      .wrongOperand(opcode: "SETITEMS", expected: .pairs),
      "SETITEMS needs pairs of keys and values and finds something else; \(damaged)"
    ),
    (
      .wrongOperand(opcode: "APPEND", expected: .listOrSet),
      "APPEND needs a list or set and finds something else; \(damaged)"
    ),
    (
      .wrongOperand(opcode: "SETITEM", expected: .dictionary),
      "SETITEM needs a dictionary and finds something else; \(damaged)"
    ),
    (
      .wrongOperand(opcode: "STACK_GLOBAL", expected: .names),
      "STACK_GLOBAL needs the names of a module and a class and finds something else; \(damaged)"
    ),
    (.invalidNumber("ten"), "has “ten” where a number belongs; \(damaged)"),
    (.invalidName, "has a name that is not UTF-8; \(damaged)"),
    (
      .invalidPersistentID(.missingKeyOrCount),
      "has a persistent id that lacks a key or a count of elements; the file is damaged or not "
        + "from torch.save"
    ),
    (
      .invalidPersistentID(.unknownKind("file", parts: 2)),
      "has a persistent id that begins with “file” and has 2 parts; the file is damaged or not "
        + "from torch.save"
    ),
    (
      .invalidPersistentID(.notATuple),
      "has a persistent id that is no tuple that begins with a word; the file is damaged or not "
        + "from torch.save"
    ),
    (
      .invalidPersistentID(.notAStorageClass(found: "a string")),
      "has a persistent id that has a string where a storage class belongs; the file is damaged "
        + "or not from torch.save"
    ),
    (
      .invalidPersistentID(.viewOutOfBounds),
      "has a persistent id that has a view that its storage does not hold; the file is damaged "
        + "or not from torch.save"
    ),
    (
      .invalidRebuild(.notAStorage(found: "None")),
      "describes a tensor that has None in place of a storage; the file is damaged or not from "
        + "torch.save"
    ),
    (
      .invalidRebuild(.invalidOffset),
      "describes a tensor that has an offset that is no whole number; the file is damaged or not "
        + "from torch.save"
    ),
    (
      .invalidRebuild(.invalidExtents),
      "describes a tensor that has a size or strides that are not whole numbers; the file is "
        + "damaged or not from torch.save"
    ),
    (
      .invalidRebuild(.nestedSubclass),
      "describes a tensor that nests one subclass in another; the file is damaged or not from "
        + "torch.save"
    ),
    (
      .invalidRebuild(.missingArguments(found: 0)),
      "describes a tensor that has only 0 arguments; the file is damaged or not from torch.save"
    ),
    (
      .wrongLegacyMagic,
      "does not begin with PyTorch's magic number; save it again with torch.save"
    ),
    (
      .unsupportedLegacyProtocol(1002),
      "has legacy protocol 1002 where 1001 is known; load it in PyTorch and save it again"
    ),
    (.invalidStorageList, "has no list of storage keys behind its object; \(damaged)"),
    (
      .unreferencedStorage(key: "7"),
      "lists storage “7”, which its object never mentions; \(damaged)"
    ),
    (.duplicateStorage(key: "7"), "lists storage “7” twice; \(damaged)"),
    (
      .brokenZip("Not a zip archive"),
      "the zip archive is broken (Not a zip archive); the download may have stopped early, fetch "
        + "it again"
    ),
    (
      .unsafeEntryName("../x"),
      "the zip archive has an entry with an unsafe name (“../x”); do not trust this file"
    ),
    (.duplicateEntry, "the zip archive has two entries of one name; do not trust this file"),
    (
      .missingRecord("data.pkl"),
      "the zip archive lacks the record “data.pkl”; save it again with torch.save"
    ),
    (
      .severalPickles(["a/data.pkl", "b/data.pkl"]),
      "the zip archive holds several checkpoints (“a/data.pkl”, “b/data.pkl”); unpack it and name "
        + "one file"
    ),
    (.encryptedEntry, "is encrypted; decrypt the archive first"),
    (
      .unsupportedCompression(method: 12),
      "is compressed by method 12, where only deflate is known; save it again with torch.save"
    ),
    (
      .wrongEntrySize(declared: 9, found: 4),
      "says it has 9 bytes and has 4; the archive is damaged, fetch it again"
    ),
    (
      .wrongEntrySize(declared: 9, found: 10),
      "says it has 9 bytes and has more; the archive is damaged, fetch it again"
    ),
    (.wrongChecksum, "fails its checksum; \(damaged)"),
    (
      .overlappingEntries,
      "claims bytes that other entries claim too; do not trust this file"
    ),
    (
      .inflatesTooFar(size: 9, maximum: 4),
      "would fill 9 bytes, where this file may fill 4; do not trust this file"
    ),
    (
      .unsupportedFormatVersion("99"),
      "has container version “99”, where 1 to 10 are known; save it again with an older PyTorch"
    ),
    (
      .unknownByteOrder("middle"),
      "has byte order “middle”, where little and big are known; save it again with torch.save"
    ),
    (
      .unsupportedTensor("sparse"),
      "is sparse, which has no plain values; convert it to a dense tensor in PyTorch and save "
        + "again"
    ),
    (.missingStorage(key: "3"), "its storage “3” is not in the file; \(damaged)"),
    (
      .storageSize(key: "3", expected: 8, found: 4),
      "storage “3” should have size 8 and has 4; \(damaged)"
    ),
    (
      .negativeGeometry(offset: -1, shape: [2], strides: [1]),
      "describes a tensor with offset -1, size [2] and strides [1], none of which may be negative; "
        + damaged
    ),
    (
      .rankMismatch(shape: 1, strides: 2),
      "describes a tensor with 1 dimensions and 2 strides; \(damaged)"
    ),
    (
      .tooLarge(shape: [9, 9]),
      "its shape [9, 9] has more elements than a machine can count; \(damaged)"
    ),
    (
      .outOfBounds(needed: 5, available: 4),
      "needs 5 elements of its storage, which has 4; \(damaged)"
    ),
    (
      .tensorBudget(maximum: 9),
      "is expanded so far that all tensors would fill more than 9 bytes; save only the tensors "
        + "that the model needs"
    ),
    (
      .noTensors(found: "a list"),
      "holds a list without named tensors; save model.state_dict() with torch.save"
    ),
    (
      .ambiguous(keys: ["a", "b"]),
      "holds tensors under several keys (“a”, “b”); choose one with --key"
    ),
    (
      .missingKey("modle", keys: ["model", "epoch"]),
      "has no key “modle”; did you mean “model”?"
    ),
    (
      .missingKey("weights", keys: ["a", "b"]),
      "has no key “weights”; choose one of “a”, “b”"
    ),
    (.missingKey("weights", keys: []), "has no key “weights”; leave --key out"),
    (
      .keyWithoutTensors("epoch"),
      "has no tensors under the key “epoch”; leave --key out or choose another"
    ),
    (
      .brokenTar("a header fails its checksum"),
      "the tar archive is broken (a header fails its checksum); the download may have stopped "
        + "early, fetch it again"
    ),
    (
      .missingMember("tensors"), "the tar archive lacks the member “tensors”; \(damaged)"
    ),
    (
      .invalidTarRecord(.noTensor),
      "has something else where a tensor of a known storage belongs; \(damaged)"
    ),
    (
      .invalidPersistentID(.unknownNumber),
      "has a persistent id that is the number of no storage or tensor; the file is damaged or not "
        + "from torch.save"
    ),
    (
      .unsupportedElement("torch.float8_e4m3fnuz"),
      "has elements of type “torch.float8_e4m3fnuz”, which is not known here; convert it to "
        + "float32 in PyTorch and save again"
    ),
    (
      .invalidRebuild(.noElementType),
      "describes a tensor that has something else in place of an element type; the file is damaged "
        + "or not from torch.save"
    ),
    (
      .invalidRebuild(.arraySize),
      "describes a tensor that is a NumPy array of another size than its shape says; the file is "
        + "damaged or not from torch.save"
    ),
    (
      .cyclicModules(path: "a."),
      "has a module that contains itself at “a.”; save model.state_dict() instead"
    ),
  ]

  @Test(arguments: sentences)
  func sentence(reason: CheckpointError.Reason, words: String) {
    #expect(CheckpointError(file: "m.pt", reason: reason).description == "m.pt: \(words)")
  }

  @Test func notesAreSentences() {
    let notes: [(CheckpointNote, String)] = [
      (.skippedEntries(["a"]), "skipped 1 entry that is no tensor: “a”"),
      (.trailingBytes(3), "ignored 3 bytes behind the last storage"),
      (.noChecksums, "the archive has no checksums, so damaged values cannot be noticed"),
      (
        .frozenConstants(7),
        "the module was frozen: its tensors are 7 constants of its code, without names"
      ),
      (.leftOutConstants(1), "left out 1 tensor among the constants of the code"),
    ]
    for (note, words) in notes { #expect(note.description == words) }
  }

  @Test func placesAreNamed() {
    let full = CheckpointError(
      file: "m.pt", record: "m/data.pkl", offset: 17, tensor: "a.weight", reason: .wrongChecksum)
    #expect(
      full.description == "m.pt, record “m/data.pkl”, tensor “a.weight”, byte 17: "
        + "fails its checksum; the file is damaged, fetch it again")
  }

  @Test func foreignTextCannotCommandATerminal() {
    let error = CheckpointError(
      file: "a\u{1b}b",
      reason: .forbiddenName("x\u{1b}[2J\n\u{202e}y" + String(repeating: "z", count: 300)))
    #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
    #expect(error.description.contains("“x\u{fffd}[2J\u{fffd}\u{fffd}y"))
    #expect(error.description.contains("z…”"))
    let unquoted = CheckpointError(file: "m", reason: .noTensors(found: "the class \u{1b}[2J"))
    #expect(!unquoted.description.contains("\u{1b}"))
    let many = CheckpointError(file: "m", reason: .ambiguous(keys: (0..<20).map(String.init)))
    #expect(many.description.contains("“7” and 12 more"))
  }
}
