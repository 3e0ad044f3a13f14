import Foundation
import GraphIR

/// Maps a weight file.
///
/// - Throws: `WeightFileError`.
package func mapFile(_ url: URL) throws(WeightFileError) -> ByteStorage {
  let problem: WeightFileError.Problem
  do {
    let storage = try ByteStorage.mapping(url.path)
    if !storage.bytes.isEmpty { return storage }
    problem = .tooShort(byteCount: 0)
  } catch {
    problem =
      switch error {
      case .open(let number): .system(.open, code: number)
      case .map(let number): .system(.map, code: number)
      case .isFolder, .notRegularFile: .notAFile
      }
  }
  throw WeightFileError(file: url.path, problem: problem)
}
