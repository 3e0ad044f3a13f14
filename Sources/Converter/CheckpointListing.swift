import GraphIR

/// The names, element types and shapes of a checkpoint's tensors, without their values.
///
/// Everything that `Checkpoint` refuses because of what the file says about itself is refused here
/// too, but no value is looked at and no checksum of one compared: a file of gigabytes takes
/// milliseconds.
public struct CheckpointListing: SummarizedCheckpoint, Sendable {
  /// One tensor.
  public struct Entry: Hashable, Sendable {
    /// The name, without the prefix that every name in the file shares.
    public let name: String
    /// The element type.
    public let dtype: DType
    /// The extents.
    public let shape: Shape
  }

  /// The tensors, in the order of `Checkpoint.tensors`.
  public let entries: [Entry]
  /// What the file says beside its tensors.
  public let summary: CheckpointSummary

  /// Lists a checkpoint.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in the file's dictionary the tensors lie, as for `Checkpoint`.
  /// - Throws: `CheckpointError`, which names the file, the place in it and the reason.
  public init(contentsOf path: String, key: String? = nil) throws(CheckpointError) {
    self = try CheckpointReader(contentsOf: path, key: key).listing
  }

  init(_ entries: [Entry], _ summary: CheckpointSummary) {
    self.entries = entries
    self.summary = summary
  }
}
