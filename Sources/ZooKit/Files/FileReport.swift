import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// What is in a weight file of any kind, found without executing anything.
public struct FileReport: Sendable {
  /// One tensor of the file.
  public struct TensorReport: Sendable {
    /// The name in the file.
    public let name: String
    /// The element type.
    public let dtype: DType
    /// The extents.
    public let shape: Shape
    /// The size of its values; a listing may claim more than any memory has.
    public var byteCount: Int {
      let (bytes, overflow) = elementCount.multipliedReportingOverflow(by: dtype.byteWidth)
      return overflow ? .max : bytes
    }
    fileprivate var elementCount: Int { shape.checkedElementCount ?? .max }
  }

  /// How far the bytes of a file were checked.
  public enum Verification: String, Sendable {
    /// Only what describes the tensors was read.
    case header
    /// Every byte was compared with the digests of a native file.
    case digests
    /// Every value was compared with the checksums of a zip archive.
    case checksums
    /// The whole file was read, and carries nothing that damaged values could be noticed by.
    case structure
  }

  /// The file.
  public let file: String
  /// `native`, or the kind of foreign file, such as `pytorch-zip-state-dict`.
  public let kind: String
  /// The tensors in the order of the file.
  public let tensors: [TensorReport]
  /// What else the file says, by name.
  public let metadata: [(name: String, value: String)]
  /// The architecture that the tensors belong to, and its configuration; nil where none fits.
  public let architecture: (id: String, configuration: JSONValue)?
  /// Why no architecture fits, in one line.
  public let mismatch: String?
  /// How the tensors differ from the nearest architecture.
  public let differences: [TensorMismatch]
  /// How far the bytes were checked.
  public let verification: Verification

  /// The numbers that all tensors hold.
  public var parameterCount: Int { tensors.map(\.elementCount).sum }
  /// The size of all tensors.
  public var byteCount: Int { tensors.map(\.byteCount).sum }
}

extension Zoo {
  /// Looks into a weight file.
  ///
  /// - Parameters:
  ///   - path: a native file, a checkpoint or a safetensors file.
  ///   - key: where in a checkpoint's dictionaries the tensors lie; nil finds them.
  ///   - verifying: whether to read and check the values too; otherwise only what describes them
  ///     is read, which takes no longer for a large file than for a small one.
  /// - Returns: what is in it.
  /// - Throws: an error that names the file and the reason.
  public func inspect(
    _ path: String, key: String? = nil, verifying: Bool = false
  ) throws -> FileReport {
    if verifying {
      let file = try ForeignFile(path: path, key: key)
      return FileReport(file.listing, catalog, file.verification)
    }
    return FileReport(try FileListing(path: path, key: key), catalog, .header)
  }

  /// Checks every byte of a native file, and that its tensors are what its architecture needs.
  ///
  /// - Throws: an error that names the file and what is wrong with it.
  public func verify(_ path: String) throws {
    guard try FileListing(path: path).profile != nil else {
      throw ZooError.file(path, reason: "is no native weight file; zoo convert makes one of it")
    }
    let file = try ForeignFile(WeightFile(contentsOf: URL(fileURLWithPath: path)), path)
    switch try FileContent(of: file.listing, in: catalog) {
    case .weights: _ = try file.description
    case .tensors(let reason): throw reason
    }
  }
}

extension FileReport {
  fileprivate init(
    _ listing: FileListing, _ catalog: ArchitectureCatalog, _ verification: Verification
  ) {
    file = listing.path
    kind = listing.kind
    tensors = listing.tensors.map {
      TensorReport(name: $0.name, dtype: $0.dtype, shape: $0.shape)
    }
    metadata = listing.profile.map(Self.metadata) ?? listing.facts
    self.verification = verification
    // What a native file says holds, even where this program does not know the architecture.
    let said = listing.profile.map { ($0.architecture.id, $0.architecture.configuration) }
    do {
      switch try FileContent(of: listing, in: catalog) {
      case .weights(let weights):
        architecture = (weights.architecture.id, weights.configuration)
        (mismatch, differences) = (nil, [])
      case .tensors(let reason):
        architecture = said
        mismatch = reason.sentence
        if case .mismatch(_, _, _, let mismatches) = reason {
          differences = mismatches
        } else {
          differences = []
        }
      }
    } catch {
      (architecture, mismatch, differences) = (said, error.description, [])
    }
  }

  private static func metadata(_ profile: WeightProfile) -> [(name: String, value: String)] {
    let source = profile.source
    var metadata = [("source kind", source.kind), ("source SHA-256", source.sha256)]
    if let name = source.name { metadata.append(("source file", name)) }
    if let url = source.url { metadata.append(("source address", url)) }
    if case .string(let name)? = profile.model["name"] {
      metadata.insert(("model", name), at: 0)
    }
    if case .string(let licence)? = profile.model["licence"] {
      metadata.append(("licence", licence))
    }
    return metadata
  }
}

extension [Int] {
  /// The sum of sizes, or the largest number where it does not fit.
  fileprivate var sum: Int {
    reduce(0) { sum, size in
      let (total, overflow) = sum.addingReportingOverflow(size)
      return overflow ? .max : total
    }
  }
}
