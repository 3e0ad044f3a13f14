import GraphIR

/// The named tensors of a PyTorch checkpoint, read as data: nothing in the file is executed.
///
/// Read are zip and legacy (before PyTorch 1.6) files that hold a state dict, a whole pickled
/// module, or either of them inside a training script's dictionary. The content decides, not the
/// file's name. Tensors come out contiguous, row-major and little-endian, with the element type
/// they have in the file.
public struct Checkpoint: Sendable {
  /// A tensor and its name, such as `features.conv0.weight`.
  public struct NamedTensor: Sendable {
    /// The name, without the prefix that every name in the file shares.
    public let name: String
    /// The values; legacy files lend them from a mapping of the file.
    public let tensor: Tensor
  }

  /// Container and content, such as `pytorch-legacy-module`.
  public let kind: FileKind
  /// The tensors in the order of the file, or for a whole module in that of its `state_dict()`.
  public let tensors: [NamedTensor]
  /// The class of a whole module, such as `torchxrayvision.models.DenseNet`; nil for a state dict.
  public let moduleClass: String?
  /// The keys under which the tensors were found, with slashes between them; nil at the top.
  public let key: String?
  /// What was taken off every name: some of `module.`, `model.` and `net.`, or nothing.
  public let strippedPrefix: String
  /// The container's version: that of the zip layout, or 1001 for legacy files; nil if not given.
  public let formatVersion: Int?
  /// The training program that says it wrote the file, such as `PyTorch Lightning 1.6.0`.
  public let producer: String?
  /// What a reader of the conversion should know, in the order it was met.
  public let notes: [CheckpointNote]
  private let positions: [String: Int]

  /// Reads a checkpoint.
  ///
  /// The file must not be changed as long as tensors of a legacy file are in use, as they are views
  /// of its mapping; replacing it by renaming another over it is fine.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in the file's dictionary the tensors lie (`ema`, or `model/encoder` for nested
  ///     ones; items of a list count from 0); nil finds the only place that holds any.
  /// - Throws: an error that names the file, the place in it and the reason.
  public init(contentsOf path: String, key: String? = nil) throws(CheckpointError) {
    try self.init(try ByteStorage.checkpoint(path), file: path, key: key)
  }

  package init(_ storage: ByteStorage, file: String, key: String? = nil) throws(CheckpointError) {
    let kind = try FileKind.sniff(storage, file: file)
    switch kind {
    case .pyTorchZip:
      let archive = try ZipArchive(storage, file: file)
      let zip = try TorchZip(archive)
      var machine = PickleMachine(try zip.pickle(), layout: .zip)
      let root = try machine.run()
      try self.init(
        root, machine.heap, source: zip, key: key,
        kinds: (.pyTorchZipStateDict, .pyTorchZipModule), version: zip.formatVersion,
        notes: archive.lacksChecksums ? [.noChecksums] : [])
    case .pyTorchLegacy:
      let legacy = try TorchLegacy(storage, name: file)
      let trailing = legacy.trailingByteCount
      try self.init(
        legacy.root, legacy.heap, source: legacy, key: key,
        kinds: (.pyTorchLegacyStateDict, .pyTorchLegacyModule),
        version: TorchLegacy.protocolVersion,
        notes: trailing > 0 ? [.trailingBytes(trailing)] : [])
    default:
      throw CheckpointError(file: file, reason: .unsupportedKind(kind))
    }
  }

  private init(
    _ root: PickleRef, _ heap: PickleHeap, source: some StorageSource, key: String?,
    kinds: (stateDict: FileKind, module: FileKind), version: Int?, notes: [CheckpointNote]
  ) throws(CheckpointError) {
    var found = try TensorFinder.find(in: root, of: heap, origin: source.origin, key: key)
    let prefix = found.stripPrefixes()
    var builder = TensorBuilder(source)
    var tensors: [NamedTensor] = []
    for (name, ref) in found.tensors {
      let fullName = prefix + name
      switch heap[ref] {
      case .tensor(let record):
        tensors.append(
          NamedTensor(name: name, tensor: try builder.build(record, name: fullName)))
      case let other:
        var kind = other.kindName
        if case .unsupportedTensor(let name) = other { kind = name }
        throw CheckpointError(
          file: source.origin.file, tensor: fullName, reason: .unsupportedTensor(kind))
      }
    }
    self.kind = found.moduleClass == nil ? kinds.stateDict : kinds.module
    self.tensors = tensors
    moduleClass = found.moduleClass
    self.key = found.path.isEmpty ? nil : found.path.joined(separator: "/")
    strippedPrefix = prefix
    formatVersion = version
    producer = heap.entries(root)
      .flatMap { heap.value("pytorch-lightning_version", in: $0) }
      .flatMap(heap.text).map { "PyTorch Lightning \($0.prefix(32))" }
    self.notes = notes + (found.skipped.isEmpty ? [] : [.skippedEntries(found.skipped)])
    positions = Dictionary(
      tensors.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { $1 })
  }

  /// The tensor of a name, or nil.
  public subscript(name: String) -> Tensor? { positions[name].map { tensors[$0].tensor } }
}

/// Something about a checkpoint that did not stop it from being read.
public enum CheckpointNote: Hashable, Sendable {
  /// Entries among the tensors that are none, by name.
  case skippedEntries([String])
  /// Bytes behind the end of the checkpoint.
  case trailingBytes(Int)
  /// The archive was written without checksums, so damage to its values cannot be noticed.
  case noChecksums
}
