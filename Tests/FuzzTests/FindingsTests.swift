import Foundation
import Testing

/// Files that once made a reader trap, hang or take memory, each named by what it did: every
/// reader gets every one of them, under the limits of tools/fuzz.
@Suite struct FindingsTests {
  static let folder = Bundle.module.resourceURL?.appendingPathComponent("Findings").path ?? ""
  static let files =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

  @Test func thereAreSome() { #expect(Self.files.count > 1) }

  @Test(arguments: files)
  func areReadOrRefusedWithinTheLimits(_ name: String) async throws {
    let path = Self.folder + "/" + name
    // A process of its own: a trap is then a failure like any other, and memory is counted alone.
    await #expect(processExitsWith: .success) { [path = path as String] in
      let file = try Data(contentsOf: URL(fileURLWithPath: path))
      let wrapped = FileManager.default.temporaryDirectory
        .appendingPathComponent(UUID().uuidString)
      defer { try? FileManager.default.removeItem(at: wrapped) }
      try (Readers.legacyHead + file).write(to: wrapped)
      try Limits.limitMemory(readingFileAt: path)
      Readers.readAll(path)
      Readers.readAll(wrapped.path)
    }
  }

  /// The limits bite: what takes more memory does not live.
  @Test func memoryIsLimited() async {
    await #expect(processExitsWith: .failure) {
      try Limits.limitMemory(readingFileAt: "/dev/null")
      let memory = [UInt8](repeating: 1, count: Limits.memoryFloor)
      exit(memory.count > 1 << 20 ? 0 : 1)
    }
  }
}
