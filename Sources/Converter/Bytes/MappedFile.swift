import GraphIR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension ByteStorage {
  /// Maps a checkpoint.
  static func checkpoint(_ path: String) throws(CheckpointError) -> ByteStorage {
    do {
      return try mapping(path)
    } catch {
      let reason: CheckpointError.Reason =
        switch error {
        case .open(let number):
          number == ENOENT ? .missingFile : .unreadableFile(errorNumber: number)
        case .map(let number): .unreadableFile(errorNumber: number)
        case .isFolder: .isFolder
        case .notRegularFile: .notRegularFile
        }
      throw CheckpointError(file: path, reason: reason)
    }
  }
}

/// The system's words for an error number.
func systemMessage(_ errorNumber: Int32) -> String {
  guard let text = strerror(errorNumber) else { return "error \(errorNumber)" }
  return String(cString: text)
}
