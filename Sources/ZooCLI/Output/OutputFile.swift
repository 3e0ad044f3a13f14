import Foundation
import XRayZoo

/// Result files, of which a reader never sees half.
enum OutputFile {
  /// Refuses a result file that would replace what it is made of.
  static func check(_ path: String, against inputs: [String]) throws {
    func real(_ path: String) -> URL {
      URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
    }
    let output = real(path)
    if inputs.contains(where: { real($0) == output }) { throw ZooError.outputIsInput(path) }
  }

  /// Writes to a temporary file beside the destination and renames it.
  static func write(_ data: Data, to path: String) throws {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      let reason =
        FileManager.default.fileExists(atPath: folder)
        ? "cannot be written; is it a folder, or write-protected?"
        : "cannot be written: there is no folder \(folder)"
      throw ZooError.file(path, reason: reason)
    }
  }
}
