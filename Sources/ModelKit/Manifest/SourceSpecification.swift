import GraphIR

/// Where the weights of a model come from.
public struct SourceSpecification: Hashable, Sendable {
  /// What sort of file it is expected to be; when it is read, its content decides.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A pickle from before PyTorch 1.6.
    case pytorchLegacy = "pytorch-legacy"
    /// A zip archive of PyTorch.
    case pytorchZip = "pytorch-zip"
    /// A zip archive of several checkpoints.
    case pytorchEnsemble = "pytorch-ensemble"
    /// A scripted or traced module.
    case torchScript = "torchscript"
    /// An ONNX model.
    case onnx
    /// Safetensors without our profile.
    case safetensors
    /// A native weight file.
    case native
    /// A native weight file inside the program.
    case embedded
  }

  /// What sort of file it is expected to be.
  public let kind: Kind
  /// Where it can be downloaded, an https address; nil where one has to get it by hand.
  public let url: String?
  /// Its size, where known.
  public let byteCount: Int?
  /// Its SHA-256 in lower-case hexadecimal digits, where known.
  public let sha256: String?
  /// The name of the resource of an embedded file, and of no other.
  public let resource: String?

  /// Describes a source.
  ///
  /// - Throws: `ManifestError.Problem`.
  public init(
    kind: Kind, url: String? = nil, byteCount: Int? = nil, sha256: String? = nil,
    resource: String? = nil
  ) throws {
    if let url { try checkAddress(url) }
    if let byteCount, byteCount <= 0 { throw ManifestError.Problem.byteCount(byteCount) }
    if let sha256 {
      let digits = Array("0123456789abcdef".utf8)
      guard sha256.utf8.count == 64, sha256.utf8.allSatisfy(digits.contains) else {
        throw ManifestError.Problem.sha256(sha256)
      }
    }
    guard (kind == .embedded) == (resource != nil), resource == nil || url == nil else {
      throw ManifestError.Problem.resource
    }
    self.kind = kind
    self.url = url
    self.byteCount = byteCount
    self.sha256 = sha256
    self.resource = resource
  }
}

extension SourceSpecification {
  static let keys = ["kind", "url", "bytes", "sha256", "resource"]

  init(_ fields: JSONFields) throws {
    try self.init(
      kind: fields.choice("kind"), url: fields.optionalString("url"),
      byteCount: fields.optionalInteger("bytes"), sha256: fields.optionalString("sha256"),
      resource: fields.optionalString("resource"))
  }

  var json: JSONValue {
    var members: [String: JSONValue] = ["kind": .string(kind.rawValue)]
    members["url"] = url.map { .string($0) }
    members["bytes"] = byteCount.map { .integer($0) }
    members["sha256"] = sha256.map { .string($0) }
    members["resource"] = resource.map { .string($0) }
    return .object(members)
  }
}
