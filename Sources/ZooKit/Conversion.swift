import Foundation
import GraphIR
import ModelKit

/// What a conversion did.
public struct Conversion: Sendable {
  /// What a native file says it holds.
  public struct Network: Sendable {
    /// The architecture that the tensors belong to.
    public let architecture: String
    /// The architecture's configuration.
    public let configuration: JSONValue
    /// Name, labels, operating points and the rest; nil for a graph of its own.
    public let description: ModelDescription?
  }

  /// One tensor that was written.
  public struct ConvertedTensor: Sendable {
    /// The name in the new file.
    public let name: String
    /// The extents.
    public let shape: Shape
    /// The element type in the source.
    public let source: DType
    /// The element type in the new file.
    public let dtype: DType
    /// What the new type cost; nil where it is the old one.
    public let rounding: Rounding?
  }

  /// The file that was written.
  public let output: URL
  /// What the source was, such as `pytorch-legacy-module`.
  public let sourceKind: String
  /// The network; nil where the file is plain safetensors, which `zoo run` cannot run.
  public let network: Network?
  /// The tensors, in the order of the source.
  public let tensors: [ConvertedTensor]
  /// The new file's size.
  public let byteCount: Int
  /// The source file's SHA-256; nil for plain safetensors, which do not name their source.
  public let sourceDigest: String?
  /// Facts about the source, and what a reader of the conversion should know.
  public let facts: [(name: String, value: String)]

  /// How much rounding cost, figure by figure the worst tensor; nil where nothing was rounded.
  public var rounding: Rounding? {
    let all = tensors.compactMap(\.rounding)
    return all.isEmpty ? nil : all.reduce(Rounding(), Rounding.worse)
  }
}
