import Foundation
import GraphIR

extension SafetensorsFile {
  /// What was written.
  public struct Written: Hashable, Sendable {
    /// The size of the file.
    public let byteCount: Int
    /// What rounding cost, by name, for the tensors that were rounded.
    public let roundings: [String: Rounding]
    /// The source's SHA-256 as it stands in a native file; nil in others.
    public let sourceDigest: String?
  }

  /// Writes tensors and their names to a file without a profile, as other programs write them.
  ///
  /// Order, alignment and the way it comes into its place are those of native files, so the same
  /// tensors give the same bytes here too.
  ///
  /// - Parameters:
  ///   - tensors: the tensors.
  ///   - metadata: the strings of `__metadata__`.
  ///   - url: the destination, in a folder that exists.
  /// - Returns: what was written.
  /// - Throws: `WeightFileError`.
  @discardableResult
  public static func write(
    _ tensors: [TensorToWrite], metadata: [String: String], to url: URL
  ) throws -> Written {
    let text = JSONValue.object(metadata.mapValues { .string($0) }).text
    let layout: FileLayout
    do {
      layout = try FileLayout(tensors, metadata: text)
    } catch {
      throw WeightFileError(file: url.path, problem: error)
    }
    let output = try AtomicFile(replacing: url)
    defer { output.discard() }
    let written = try layout.writeTensors(to: output, digesting: false)
    try layout.lengthAndHeader(metadata: text).withUnsafeBytes { try output.write($0, at: 0) }
    try output.commit()
    return Written(byteCount: layout.byteCount, roundings: written.roundings, sourceDigest: nil)
  }
}
