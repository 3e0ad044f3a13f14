import GraphIR

extension CheckpointError: CustomStringConvertible {
  /// One sentence, without a full stop: the file, the place in it, what is wrong and what to do.
  public var description: String {
    var place = printable(file.unicodeScalars)
    if let record { place += ", record \(quoted(record))" }
    if let tensor { place += ", tensor \(quoted(tensor))" }
    if let offset { place += ", byte \(offset)" }
    // Names of foreign classes stand in some of these without quotes.
    let sentence = printable(reason.description.unicodeScalars)
    return "\(place): \(sentence)"
  }
}

extension CheckpointNote: CustomStringConvertible {
  /// One sentence without a full stop.
  public var description: String {
    switch self {
    case .skippedEntries(let names):
      "skipped \(names.count) \(names.count == 1 ? "entry" : "entries") that "
        + "\(names.count == 1 ? "is no tensor" : "are no tensors"): \(list(names))"
    case .trailingBytes(let count): "ignored \(count) bytes behind the last storage"
    case .noChecksums: "the archive has no checksums, so damaged values cannot be noticed"
    case .frozenConstants(let count):
      "the module was frozen: its tensors are \(count) "
        + "\(count == 1 ? "constant" : "constants") of its code, without names"
    case .leftOutConstants(let count):
      "left out \(count) \(count == 1 ? "tensor" : "tensors") among the constants of the code"
    }
  }
}

extension CheckpointError.Reason: CustomStringConvertible {
  /// The reason and the way out, without a full stop.
  public var description: String {
    switch self {
    case .missingFile: "there is no such file; check the path"
    case .unreadableFile(let number): "cannot be read (\(systemMessage(number)))"
    case .isFolder: "is a folder; name the checkpoint file in it"
    case .notRegularFile: "is no regular file; copy the data into one first"
    case .unsupportedKind(let kind): kind.refusal
    case .truncated(let needed, let available):
      "needs \(needed) more bytes where \(available) are left; the file was cut short, "
        + "fetch it again"
    case .lengthOutOfRange(let length, let available):
      "gives a length of \(length) where \(available) bytes are left; the file is damaged, "
        + "fetch it again"
    case .limit(let limit, let maximum):
      "has more than \(maximum) \(limit.rawValue), which no real checkpoint needs; "
        + "save only model.state_dict() and try again"

    // The pickle and the legacy layout.
    case .unknownOpcode(let byte):
      "has byte \(byte) where a pickle instruction belongs; the file is damaged, fetch it again"
    case .refusedOpcode(let name):
      "uses the pickle instruction \(name), which PyTorch never writes; "
        + "do not trust this file"
    case .unsupportedProtocol(let version):
      "is a pickle of protocol \(version), and 5 is the newest there is; the file is damaged, "
        + "fetch it again"
    case .forbiddenName(let name):
      "refers to \(quoted(name)), which a weight file has no use for and an attack has; "
        + "do not trust this file"
    case .stackUnderflow(let opcode):
      "\(opcode) finds nothing on the pickle stack; the file is damaged, fetch it again"
    case .missingMark(let opcode):
      "\(opcode) finds no mark on the pickle stack; the file is damaged, fetch it again"
    case .missingMemo(let index):
      "recalls object \(index), which was never stored; the file is damaged, fetch it again"
    case .wrongOperand(let opcode, let expected):
      "\(opcode) needs \(expected) and finds something else; the file is damaged, fetch it again"
    case .invalidNumber(let text):
      "has \(quoted(text)) where a number belongs; the file is damaged, fetch it again"
    case .invalidName: "has a name that is not UTF-8; the file is damaged, fetch it again"
    case .invalidPersistentID(let fault):
      "has a persistent id that \(fault); the file is damaged or not from torch.save"
    case .invalidRebuild(let fault):
      "describes a tensor that \(fault); the file is damaged or not from torch.save"
    case .wrongLegacyMagic:
      "does not begin with PyTorch's magic number; save it again with torch.save"
    case .unsupportedLegacyProtocol(let version):
      "has legacy protocol \(version.map(String.init) ?? "of no number") where 1001 is known; "
        + "load it in PyTorch and save it again"
    case .invalidStorageList:
      "has no list of storage keys behind its object; the file is damaged, fetch it again"
    case .unreferencedStorage(let key):
      "lists storage \(quoted(key)), which its object never mentions; the file is damaged, "
        + "fetch it again"
    case .duplicateStorage(let key):
      "lists storage \(quoted(key)) twice; the file is damaged, fetch it again"

    case .brokenTar(let fault):
      "the tar archive is broken (\(fault)); the download may have stopped early, fetch it again"
    case .missingMember(let name):
      "the tar archive lacks the member \(quoted(name)); the file is damaged, fetch it again"
    case .invalidTarRecord(let fault):
      "has something else where \(fault.rawValue) belongs; the file is damaged, fetch it again"

    // The zip layout.
    case .brokenZip(let message):
      "the zip archive is broken (\(message)); the download may have stopped early, "
        + "fetch it again"
    case .unsafeEntryName(let name):
      "the zip archive has an entry with an unsafe name (\(quoted(name))); do not trust this file"
    case .duplicateEntry: "the zip archive has two entries of one name; do not trust this file"
    case .missingRecord(let name):
      "the zip archive lacks the record \(quoted(name)); save it again with torch.save"
    case .severalPickles(let names):
      "the zip archive holds several checkpoints (\(list(names))); unpack it and name one file"
    case .encryptedEntry: "is encrypted; decrypt the archive first"
    case .unsupportedCompression(let method):
      "is compressed by method \(method), where only deflate is known; "
        + "save it again with torch.save"
    case .wrongEntrySize(let declared, let found):
      "says it has \(declared) bytes and has \(found > declared ? "more" : String(found)); "
        + "the archive is damaged, fetch it again"
    case .wrongChecksum: "fails its checksum; the file is damaged, fetch it again"
    case .overlappingEntries:
      "claims bytes that other entries claim too; do not trust this file"
    case .inflatesTooFar(let size, let maximum):
      "would fill \(size) bytes, where this file may fill \(maximum); do not trust this file"
    case .unsupportedFormatVersion(let version):
      "has container version \(quoted(version)), where 1 to 10 are known; "
        + "save it again with an older PyTorch"
    case .unknownByteOrder(let order):
      "has byte order \(quoted(order)), where little and big are known; "
        + "save it again with torch.save"

    // Tensors, and finding them.
    case .unsupportedTensor(let kind):
      "is \(kind), which has no plain values; convert it to a dense tensor in PyTorch "
        + "and save again"
    case .unsupportedElement(let name):
      "has elements of type \(quoted(name)), which is not known here; "
        + "convert it to float32 in PyTorch and save again"
    case .missingStorage(let key):
      "its storage \(quoted(key)) is not in the file; the file is damaged, fetch it again"
    case .storageSize(let key, let expected, let found):
      "storage \(quoted(key)) should have size \(expected) and has \(found); "
        + "the file is damaged, fetch it again"
    case .negativeGeometry(let offset, let shape, let strides):
      "describes a tensor with offset \(offset), size \(shape) and strides \(strides), "
        + "none of which may be negative; the file is damaged, fetch it again"
    case .rankMismatch(let shape, let strides):
      "describes a tensor with \(shape) dimensions and \(strides) strides; "
        + "the file is damaged, fetch it again"
    case .tooLarge(let shape):
      "its shape \(shape) has more elements than a machine can count; "
        + "the file is damaged, fetch it again"
    case .outOfBounds(let needed, let available):
      "needs \(needed) elements of its storage, which has \(available); "
        + "the file is damaged, fetch it again"
    case .tensorBudget(let maximum):
      "is expanded so far that all tensors would fill more than \(maximum) bytes; "
        + "save only the tensors that the model needs"
    case .noTensors(let found):
      "holds \(found) without named tensors; save model.state_dict() with torch.save"
    case .ambiguous(let keys):
      "holds tensors under several keys (\(list(keys))); choose one with --key"
    case .missingKey(let key, let keys):
      if let near = nearestName(to: key, in: keys) {
        "has no key \(quoted(key)); did you mean \(quoted(near))?"
      } else {
        "has no key \(quoted(key)); "
          + (keys.isEmpty ? "leave --key out" : "choose one of \(list(keys))")
      }
    case .keyWithoutTensors(let key):
      "has no tensors under the key \(quoted(key)); leave --key out or choose another"
    case .cyclicModules(let path):
      "has a module that contains itself at \(quoted(path)); save model.state_dict() instead"
    }
  }
}

extension CheckpointError.Operand: CustomStringConvertible {
  /// What should have been there.
  public var description: String {
    switch self {
    case .pairs: "pairs of keys and values"
    case .listOrSet: "a list or set"
    case .dictionary: "a dictionary"
    case .arguments: "a tuple of arguments"
    case .names: "the names of a module and a class"
    }
  }
}

extension CheckpointError.PersistentIDFault: CustomStringConvertible {
  /// Words after “a persistent id that”.
  public var description: String {
    switch self {
    case .notATuple: "is no tuple that begins with a word"
    case .unknownKind(let kind, let parts): "begins with \(quoted(kind)) and has \(parts) parts"
    case .notAStorageClass(let found): "has \(found) where a storage class belongs"
    case .missingKeyOrCount: "lacks a key or a count of elements"
    case .unknownNumber: "is the number of no storage or tensor"
    case .viewOutOfBounds: "has a view that its storage does not hold"
    }
  }
}

extension CheckpointError.RebuildFault: CustomStringConvertible {
  /// Words after “a tensor that”.
  public var description: String {
    switch self {
    case .missingArguments(let found): "has only \(found) arguments"
    case .notAStorage(let found): "has \(found) in place of a storage"
    case .invalidOffset: "has an offset that is no whole number"
    case .invalidExtents: "has a size or strides that are not whole numbers"
    case .noElementType: "has something else in place of an element type"
    case .arraySize: "is a NumPy array of another size than its shape says"
    case .nestedSubclass: "nests one subclass in another"
    }
  }
}

/// A foreign text in quotes, shortened.
private func quoted(_ text: String) -> String {
  let limit = 160
  let scalars = text.unicodeScalars
  return "“\(printable(scalars.prefix(limit)))\(scalars.count > limit ? "…" : "")”"
}

/// Text without line breaks and without characters that could command a terminal.
private func printable(_ scalars: some Sequence<Unicode.Scalar>) -> String {
  var shown = String.UnicodeScalarView()
  for scalar in scalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      shown.append("\u{fffd}")
    default: shown.append(scalar)
    }
  }
  return String(shown)
}

/// The first few of some foreign names.
private func list(_ names: [String]) -> String {
  let limit = 8
  let shown = names.prefix(limit).map(quoted).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
