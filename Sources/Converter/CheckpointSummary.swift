/// What a checkpoint says about itself beside its tensors.
public struct CheckpointSummary: Hashable, Sendable {
  /// Container and content, such as `pytorch-legacy-module`.
  public let kind: FileKind
  /// The class of a whole module, such as `torchxrayvision.models.DenseNet`; nil for a state dict.
  public let moduleClass: String?
  /// The keys under which the tensors were found, with slashes between them; nil at the top.
  public internal(set) var key: String?
  /// What was taken off every name: some of `module.`, `model.`, `net.` and `backbone.`, or
  /// nothing.
  public let strippedPrefix: String
  /// The container's version: that of the zip layout, or 1001 for legacy files; nil if not given.
  public let formatVersion: Int?
  /// The training program that says it wrote the file, such as `PyTorch Lightning 1.6.0`.
  public let producer: String?
  /// What a reader of the conversion should know, in the order it was met.
  public let notes: [CheckpointNote]
  /// The checkpoints that were read, where the file is an archive of some.
  ///
  /// They are paths in the archive, each of which `key` may choose. Where there are several,
  /// `a/b/tensor` is a tensor of `a/b.pth`.
  public internal(set) var members: [String] = []
  /// Dictionaries of whole numbers by name that lie beside the tensors, such as the places of a
  /// classifier's outputs, by their key.
  ///
  /// Of an archive of several checkpoints the key has the member's name and a slash before it, as
  /// the tensors' names have.
  public internal(set) var tables: [String: [String: Int]] = [:]
}

/// Something that has a `CheckpointSummary`, whose parts are its own.
public protocol SummarizedCheckpoint {
  /// What the file says beside its tensors.
  var summary: CheckpointSummary { get }
}

extension SummarizedCheckpoint {
  /// Container and content.
  public var kind: FileKind { summary.kind }
  /// The class of a whole module.
  public var moduleClass: String? { summary.moduleClass }
  /// The keys under which the tensors were found.
  public var key: String? { summary.key }
  /// What was taken off every name.
  public var strippedPrefix: String { summary.strippedPrefix }
  /// The container's version.
  public var formatVersion: Int? { summary.formatVersion }
  /// The training program that says it wrote the file.
  public var producer: String? { summary.producer }
  /// What a reader of the conversion should know.
  public var notes: [CheckpointNote] { summary.notes }
  /// The checkpoints that were read, where the file is an archive of some.
  public var members: [String] { summary.members }
}

/// Something about a checkpoint that did not stop it from being read.
public enum CheckpointNote: Hashable, Sendable {
  /// Entries among the tensors that are none, by name.
  case skippedEntries([String])
  /// Bytes behind the end of the checkpoint.
  case trailingBytes(Int)
  /// The archive was written without checksums, so damage to its values cannot be noticed.
  case noChecksums
  /// A TorchScript module that was frozen: so many constants of its code, numbered, are its values.
  case frozenConstants(Int)
  /// So many tensors among the constants of TorchScript code, which belong to no module.
  case leftOutConstants(Int)
}
