import Dispatch
import Foundation

/// What the tests and tools/fuzz allow any reader of foreign files.
enum Limits {
  /// Bytes of memory for each byte of the file.
  static let memoryPerByte = 4
  /// Bytes besides.
  static let memoryFloor = 64 << 20
  /// Seconds of processor time.
  static let time = 1.0

  /// Lets this process take only so much more memory than it has now: what asks for more gets
  /// nothing, which ends a Swift program.
  ///
  /// Where the system has no such limit, memory is left unchecked.
  static func limitMemory(readingFileAt path: String) throws {
    // The threads that check digests are the system's, not the file's.
    DispatchQueue.concurrentPerform(iterations: 64) { _ in usleep(100) }
    #if os(Linux)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = text.split(separator: "\n").first { $0.hasPrefix("VmData:") }
      let words = line?.split { $0 == " " || $0 == "\t" } ?? []
      guard words.count > 1, let kilobytes = Int(words[1]) else {
        throw CocoaError(.fileReadUnknown)
      }
      let most = rlim_t(kilobytes << 10 + memoryPerByte * size + memoryFloor)
      let resource = __rlimit_resource_t(RLIMIT_DATA.rawValue)
      var limit = rlimit()
      guard getrlimit(resource, &limit) == 0 else { throw CocoaError(.featureUnsupported) }
      limit.rlim_cur = min(most, limit.rlim_max)
      guard setrlimit(resource, &limit) == 0 else { throw CocoaError(.featureUnsupported) }
    #endif
  }

  /// Seconds of processor time that this process has used.
  static var processorTime: Double {
    Double(clock()) / Double(CLOCKS_PER_SEC)
  }
}
