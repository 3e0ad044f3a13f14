import GraphIR

/// An opened checkpoint: the object in it, and where its storages lie.
struct TorchFile {
  let root: PickleRef
  let heap: PickleHeap
  /// What the object was read from.
  let pickle: ByteStorage
  let source: any StorageSource
  /// The container.
  let kind: FileKind
  /// The tensors, where the container alone tells which they are.
  let found: FoundTensors?
  let formatVersion: Int?
  let notes: [CheckpointNote]

  init(
    _ storage: ByteStorage, _ kind: FileKind, file: String, isMember: Bool = false
  ) throws(CheckpointError) {
    switch kind {
    case .pyTorchZip:
      let archive = try ZipArchive(storage, file: file, isMember: isMember)
      let zip = try TorchZip(archive)
      self.init(
        try zip.object(), source: zip, kind: kind, formatVersion: zip.formatVersion,
        notes: archive.lacksChecksums ? [.noChecksums] : [])
    case .torchScript:
      try self.init(script: ZipArchive(storage, file: file, isMember: isMember))
    case .pyTorchLegacy:
      let legacy = try TorchLegacy(storage, name: file)
      let trailing = legacy.trailingByteCount
      self.init(
        legacy.object, source: legacy, kind: kind,
        formatVersion: TorchLegacy.protocolVersion,
        notes: trailing > 0 ? [.trailingBytes(trailing)] : [])
    case .pyTorchTar:
      let tar = try TorchTar(storage, name: file)
      self.init(
        tar.object, source: tar, kind: kind, formatVersion: nil, notes: [])
    default:
      throw CheckpointError(file: file, reason: .unsupportedKind(kind))
    }
  }

  init(
    _ object: PickledObject, source: any StorageSource, kind: FileKind,
    found: FoundTensors? = nil, formatVersion: Int?, notes: [CheckpointNote]
  ) {
    root = object.root
    heap = object.heap
    pickle = object.pickle
    self.source = source
    self.kind = kind
    self.found = found
    self.formatVersion = formatVersion
    self.notes = notes
  }

  /// Finds the tensors and compares what each claims with what is there; looks at no value.
  func contents(
    key: String?, copyFloor: Int = TensorLimits.copyFloor
  ) throws(CheckpointError) -> TorchContents {
    var found: FoundTensors
    if let known = self.found {
      if let key { throw source.origin.error(.missingKey(key, keys: [])) }
      found = known
    } else {
      found = try TensorFinder.find(in: root, of: heap, origin: source.origin, key: key)
    }
    let prefix = found.stripPrefixes()
    var checker = TensorChecker(source, copyFloor: copyFloor)
    var items: [TorchContents.Item] = []
    for (name, ref) in found.tensors {
      items.append(try item(name, prefix + name, ref, &checker))
    }
    let summary = CheckpointSummary(
      kind: kind.holding(module: found.moduleClass != nil),
      moduleClass: found.moduleClass,
      key: found.path.isEmpty ? nil : found.path.joined(separator: "/"),
      strippedPrefix: prefix, formatVersion: formatVersion, producer: producer,
      notes: notes + (found.skipped.isEmpty ? [] : [.skippedEntries(found.skipped)]),
      tables: found.path.isEmpty ? [:] : tables)
    return TorchContents(items: items, summary: summary)
  }

  private func item(
    _ name: String, _ fullName: String, _ ref: PickleRef, _ checker: inout TensorChecker
  ) throws(CheckpointError) -> TorchContents.Item {
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(file: source.origin.file, tensor: fullName, reason: reason)
    }
    switch heap[ref] {
    case .tensor(let record):
      try checker.check(record, name: fullName)
      return TorchContents.Item(name: name, fullName: fullName, record: record)
    case .unsupportedTensor(let kind): throw failure(.unsupportedTensor(kind))
    case .unsupportedElement(let name): throw failure(.unsupportedElement(name))
    default: break
    }
    guard heap.isArray(ref) else { throw failure(.unsupportedTensor(heap[ref].kindName)) }
    guard let byteCount = heap.arrayByteCount(ref) else {
      throw failure(.invalidRebuild(.arraySize))
    }
    // Many arrays may share one text, of which each makes its own bytes.
    try checker.reserve(byteCount, isCopy: true, name: fullName)
    guard let array = heap.array(ref, in: pickle) else {
      throw failure(.invalidRebuild(.arraySize))
    }
    return TorchContents.Item(
      name: name, fullName: fullName, record: array.window,
      array: ArraySource(origin: source.origin, array: array))
  }

  /// Entries looked at in one checkpoint, and bytes of a name: tables beyond that are passed over.
  private static let (maximumEntries, maximumNameLength) = (1_024, 256)

  /// The dictionaries of the outermost one that give whole numbers to names, and to nothing else.
  private var tables: [String: [String: Int]] {
    var tables: [String: [String: Int]] = [:]
    var left = Self.maximumEntries
    for entry in (heap.entries(root) ?? []).prefix(Self.maximumEntries) {
      guard let key = heap.text(entry.key), key.utf8.count <= Self.maximumNameLength else {
        continue
      }
      // The last one of equal keys counts, as in Python, whatever it is.
      tables[key] = nil
      guard let pairs = heap.entries(entry.value), !pairs.isEmpty, pairs.count <= left else {
        continue
      }
      var table: [String: Int] = [:]
      let isTable = pairs.allSatisfy { pair in
        left -= 1
        guard let name = heap.text(pair.key), name.utf8.count <= Self.maximumNameLength,
          let number = heap.integer(pair.value)
        else { return false }
        table[name] = number
        return true
      }
      if isTable { tables[key] = table }
    }
    return tables
  }

  private var producer: String? {
    heap.entries(root)
      .flatMap { heap.value("pytorch-lightning_version", in: $0) }
      .flatMap(heap.text).map { "PyTorch Lightning \($0.prefix(32))" }
  }
}

/// What one pickle described.
struct PickledObject {
  let root: PickleRef
  let heap: PickleHeap
  /// What it was read from, where its byte strings lie.
  let pickle: ByteStorage

  /// Runs a pickle to its end.
  init(_ machine: inout PickleMachine) throws(CheckpointError) {
    root = try machine.run()
    heap = machine.heap
    pickle = machine.reader.storage
  }
}

extension FileKind {
  /// The kind of a container once it is known what it holds.
  fileprivate func holding(module: Bool) -> FileKind {
    switch self {
    case .pyTorchZip: module ? .pyTorchZipModule : .pyTorchZipStateDict
    case .pyTorchLegacy: module ? .pyTorchLegacyModule : .pyTorchLegacyStateDict
    default: self
    }
  }
}

/// The tensors of one checkpoint, before any value is read.
struct TorchContents {
  struct Item {
    /// Without the prefix that all share.
    let name: String
    /// As in the file, for errors.
    let fullName: String
    let record: TensorRecord
    /// The bytes, where they are a NumPy array's own.
    var array: ArraySource?
    /// Which of several checkpoints in one archive it belongs to.
    var member = 0
  }

  let items: [Item]
  let summary: CheckpointSummary

  /// Records that several tensors have.
  var tied: Set<TensorRecord> {
    var (seen, tied) = (Set<TensorRecord>(), Set<TensorRecord>())
    for item in items where !seen.insert(item.record).inserted { tied.insert(item.record) }
    return tied
  }
}
