import GraphIR

/// An opened checkpoint: the object in it, and where its storages lie.
struct TorchFile {
  let root: PickleRef
  let heap: PickleHeap
  let source: any StorageSource
  /// The kinds that the container makes of its two contents.
  let kinds: (stateDict: FileKind, module: FileKind)
  let formatVersion: Int?
  let notes: [CheckpointNote]

  init(_ storage: ByteStorage, _ kind: FileKind, file: String) throws(CheckpointError) {
    switch kind {
    case .pyTorchZip:
      let archive = try ZipArchive(storage, file: file)
      let zip = try TorchZip(archive)
      var machine = PickleMachine(try zip.pickle(), layout: .zip)
      root = try machine.run()
      heap = machine.heap
      source = zip
      kinds = (.pyTorchZipStateDict, .pyTorchZipModule)
      formatVersion = zip.formatVersion
      notes = archive.lacksChecksums ? [.noChecksums] : []
    case .pyTorchLegacy:
      let legacy = try TorchLegacy(storage, name: file)
      root = legacy.root
      heap = legacy.heap
      source = legacy
      kinds = (.pyTorchLegacyStateDict, .pyTorchLegacyModule)
      formatVersion = TorchLegacy.protocolVersion
      let trailing = legacy.trailingByteCount
      notes = trailing > 0 ? [.trailingBytes(trailing)] : []
    default:
      throw CheckpointError(file: file, reason: .unsupportedKind(kind))
    }
  }

  /// Finds the tensors and compares what each claims with what is there; looks at no value.
  func contents(key: String?) throws(CheckpointError) -> TorchContents {
    var found = try TensorFinder.find(in: root, of: heap, origin: source.origin, key: key)
    let prefix = found.stripPrefixes()
    var checker = TensorChecker(source)
    var items: [TorchContents.Item] = []
    for (name, ref) in found.tensors {
      let fullName = prefix + name
      guard case .tensor(let record) = heap[ref] else {
        var kind = heap[ref].kindName
        if case .unsupportedTensor(let name) = heap[ref] { kind = name }
        throw CheckpointError(
          file: source.origin.file, tensor: fullName, reason: .unsupportedTensor(kind))
      }
      try checker.check(record, name: fullName)
      items.append(TorchContents.Item(name: name, fullName: fullName, record: record))
    }
    let summary = CheckpointSummary(
      kind: found.moduleClass == nil ? kinds.stateDict : kinds.module,
      moduleClass: found.moduleClass,
      key: found.path.isEmpty ? nil : found.path.joined(separator: "/"),
      strippedPrefix: prefix, formatVersion: formatVersion, producer: producer,
      notes: notes + (found.skipped.isEmpty ? [] : [.skippedEntries(found.skipped)]))
    return TorchContents(items: items, summary: summary)
  }

  private var producer: String? {
    heap.entries(root)
      .flatMap { heap.value("pytorch-lightning_version", in: $0) }
      .flatMap(heap.text).map { "PyTorch Lightning \($0.prefix(32))" }
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
  }

  let items: [Item]
  let summary: CheckpointSummary
}
