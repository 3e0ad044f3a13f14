import GraphIR

/// A checkpoint whose tensors are made one at a time, for those who need not hold all at once.
///
/// The file must not be changed meanwhile, nor as long as its tensors are in use, as most are views
/// of its mapping; replacing it by renaming another over it is fine.
public struct CheckpointReader {
  /// The tensors and what else the file says.
  public let listing: CheckpointListing
  private let items: [TorchContents.Item]
  private var builder: TensorBuilder

  /// Opens a checkpoint and lists it.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in the file's dictionary the tensors lie, as for `Checkpoint`.
  /// - Throws: `CheckpointError`, which names the file, the place in it and the reason.
  public init(contentsOf path: String, key: String? = nil) throws(CheckpointError) {
    try self.init(try ByteStorage.checkpoint(path), file: path, key: key)
  }

  package init(_ storage: ByteStorage, file: String, key: String? = nil) throws(CheckpointError) {
    let kind = try FileKind.sniff(storage, file: file)
    let torch = try TorchFile(storage, kind, file: file)
    let contents = try torch.contents(key: key)
    items = contents.items
    builder = TensorBuilder(torch.source)
    listing = CheckpointListing(
      items.map {
        .init(name: $0.name, dtype: $0.record.dtype, shape: Shape($0.record.shape))
      }, contents.summary)
  }

  /// Makes one tensor: contiguous, row-major and little-endian.
  ///
  /// - Parameter index: its place in `listing.entries`.
  /// - Throws: `CheckpointError` where its values fail their checksum or cannot be inflated.
  public mutating func tensor(at index: Int) throws(CheckpointError) -> Tensor {
    try builder.build(items[index].record, name: items[index].fullName)
  }
}
