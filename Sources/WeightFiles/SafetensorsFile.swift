import Foundation
import GraphIR

/// Any safetensors file, mapped: its table of contents and its tensors, without a promise that the
/// values are what somebody once wrote.
///
/// The native format is one of these with digests: open it with `WeightFile`.
public struct SafetensorsFile: Sendable {
  /// The checked table of contents.
  public let header: SafetensorsHeader
  private let storage: ByteStorage

  /// Maps a file and checks its header.
  ///
  /// - Parameter url: a local file.
  /// - Throws: `WeightFileError`.
  public init(contentsOf url: URL) throws {
    let storage = try mapFile(url)
    do {
      header = try SafetensorsHeader(file: storage.bytes)
    } catch {
      throw WeightFileError(file: url.path, problem: error)
    }
    self.storage = storage
  }

  /// A view of the values of one entry of `header`; nothing is copied.
  public func tensor(_ entry: SafetensorsHeader.Entry) -> Tensor {
    Tensor(
      dtype: entry.dtype, shape: entry.shape, storage: storage,
      byteOffset: entry.byteRange.lowerBound)
  }
}
