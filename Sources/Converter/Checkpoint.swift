import GraphIR

/// The named tensors of a PyTorch checkpoint, read as data: nothing in the file is executed.
///
/// Read are zip, legacy (before PyTorch 1.6) and tar (before 0.1.10) files that hold a state dict, a
/// whole pickled module, or either of them inside a training script's dictionary; TorchScript
/// archives; and zips of such files. The content decides, not the file's name. Tensors come out contiguous, row-major and little-endian, with the element type
/// they have in the file.
public struct Checkpoint: SummarizedCheckpoint, Sendable {
  /// A tensor and its name, such as `features.conv0.weight`.
  public struct NamedTensor: Sendable {
    /// The name, without the prefix that every name in the file shares.
    public let name: String
    /// The values, lent from a mapping of the file wherever they lie there in order; tensors that
    /// share values in the file share their memory.
    public let tensor: Tensor
  }

  /// The tensors in the order of the file, or for a whole module in that of its `state_dict()`.
  public let tensors: [NamedTensor]
  /// What the file says beside its tensors.
  public let summary: CheckpointSummary
  private let positions: [String: Int]

  /// Reads a checkpoint and compares every checksum that it has for a tensor.
  ///
  /// The file must not be changed as long as tensors are in use, as most are views of its mapping;
  /// replacing it by renaming another over it is fine.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in the file's dictionary the tensors lie (`ema`, or `model/encoder` for nested
  ///     ones; items of a list count from 0); nil finds the only place that holds any.
  /// - Throws: an error that names the file, the place in it and the reason.
  public init(contentsOf path: String, key: String? = nil) throws(CheckpointError) {
    try self.init(try CheckpointReader(contentsOf: path, key: key))
  }

  package init(_ storage: ByteStorage, file: String, key: String? = nil) throws(CheckpointError) {
    try self.init(try CheckpointReader(storage, file: file, key: key))
  }

  private init(_ reader: CheckpointReader) throws(CheckpointError) {
    var reader = reader
    summary = reader.listing.summary
    var tensors: [NamedTensor] = []
    tensors.reserveCapacity(reader.listing.entries.count)
    for (index, entry) in reader.listing.entries.enumerated() {
      tensors.append(NamedTensor(name: entry.name, tensor: try reader.tensor(at: index)))
    }
    self.tensors = tensors
    positions = Dictionary(
      tensors.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { $1 })
  }

  /// The tensor of a name, or nil.
  public subscript(name: String) -> Tensor? { positions[name].map { tensors[$0].tensor } }
}
