import Foundation
import XRayZoo

/// A result file, of which a reader never sees half.
struct OutputFile {
  private let path: String
  private let destination: Destination

  /// Checks that a file can be put there without replacing what it is made of.
  init(_ path: String, inputs: [String]) throws {
    self.path = path
    destination = try Destination(path, inputs: inputs)
  }

  /// Writes to a temporary file beside the destination and renames it.
  func write(_ data: Data) throws {
    do {
      try data.write(to: destination.url, options: .atomic)
    } catch {
      throw ZooError.file(path, reason: "cannot be written; is the disk full, or write-protected?")
    }
  }
}
