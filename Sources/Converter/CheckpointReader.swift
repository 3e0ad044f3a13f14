import GraphIR

/// A checkpoint whose tensors are made one at a time, for those who need not hold all at once.
///
/// The file must not be changed meanwhile, nor as long as its tensors are in use, as most are views
/// of its mapping; replacing it by renaming another over it is fine.
public struct CheckpointReader {
  /// The tensors and what else the file says.
  public let listing: CheckpointListing
  private let items: [TorchContents.Item]
  private let tied: Set<TensorRecord>
  /// The archive around several checkpoints, and those of its members that are read.
  private let ensemble: (archive: TorchEnsemble, members: [TorchEnsemble.Member])?
  /// The one file, or the member that was read last.
  private var current: (member: Int, builder: TensorBuilder)?

  /// Opens a checkpoint and lists it.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in the file the tensors lie, as for `Checkpoint`.
  /// - Throws: `CheckpointError`, which names the file, the place in it and the reason.
  public init(contentsOf path: String, key: String? = nil) throws(CheckpointError) {
    try self.init(try ByteStorage.checkpoint(path), file: path, key: key)
  }

  package init(_ storage: ByteStorage, file: String, key: String? = nil) throws(CheckpointError) {
    let kind = try FileKind.sniff(storage, file: file)
    let contents: TorchContents
    if kind == .pyTorchEnsemble {
      let archive = try TorchEnsemble(try ZipArchive(storage, file: file))
      let (found, members) = try archive.contents(key: key)
      contents = found
      ensemble = (archive, members)
      current = nil
    } else {
      let torch = try TorchFile(storage, kind, file: file)
      contents = try torch.contents(key: key)
      ensemble = nil
      current = (0, TensorBuilder(torch.source, tied: contents.tied))
    }
    items = contents.items
    tied = contents.tied
    listing = CheckpointListing(
      items.map {
        .init(name: $0.name, dtype: $0.record.dtype, shape: Shape($0.record.shape))
      }, contents.summary)
  }

  /// Makes one tensor: contiguous, row-major and little-endian.
  ///
  /// Of an archive of several checkpoints one is open at a time: in the order of the listing each
  /// is opened once.
  ///
  /// - Parameter index: its place in `listing.entries`.
  /// - Returns: the tensor, which is a view of the file where its values lie there in order.
  /// - Throws: `CheckpointError` where its values fail their checksum or cannot be inflated.
  public mutating func tensor(at index: Int) throws(CheckpointError) -> Tensor {
    let item = items[index]
    if let array = item.array {
      var builder = TensorBuilder(array)
      return try builder.build(item.record, name: item.fullName)
    }
    var builder = try builder(of: item.member)
    // Out of the way, so that the builder's caches have one owner.
    current = nil
    defer { current = (item.member, builder) }
    return try builder.build(item.record, name: item.fullName)
  }

  private mutating func builder(of member: Int) throws(CheckpointError) -> TensorBuilder {
    if let current, current.member == member { return current.builder }
    // What was read before goes first: two inflated members need not be in memory at once.
    current = nil
    guard let ensemble else { preconditionFailure("a single file stays open") }
    return TensorBuilder(try ensemble.archive.reopen(ensemble.members[member]).source, tied: tied)
  }
}
