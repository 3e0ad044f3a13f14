import Converter
import Foundation
import Testing

/// The content decides what a file is, and each kind that is not read gets its own sentence.
@Suite struct FileKindTests {
  typealias P = PickleBytes

  static func tar(_ name: String) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 1_024)
    header.replaceSubrange(0..<name.utf8.count, with: name.utf8)
    header.replaceSubrange(257..<262, with: "ustar".utf8)
    return header
  }

  static let safetensors = P.little(UInt64(2)) + Array("{}".utf8)

  static let kinds: [(FileKind, [UInt8], String)] = [
    (.empty, [], "is empty"),
    (.html, Array("<!DOCTYPE html><html>".utf8), "is a web page"),
    (.html, Array("\u{feff}\n  <html>".utf8), "is a web page"),
    (.gitLFSPointer, Array("version https://git-lfs.github.com/spec/v1\noid".utf8), "git lfs pull"),
    (.text, Array("Not Found".utf8), "is plain text"),
    (.text, Array("{\"error\": 404}".utf8), "is plain text"),
    (.safetensors, safetensors, "is a safetensors file"),
    (.numpy, [0x93] + Array("NUMPY\u{1}".utf8), "is a NumPy array"),
    (.hdf5, [0x89] + Array("HDF\r\n".utf8) + [0x1a, 0x0a], "is an HDF5 file"),
    (.onnx, [0x08, 0x08, 0x12, 0x07] + Array("pytorch".utf8), "looks like an ONNX model"),
    (.compressed, [0x1f, 0x8b, 8, 0], "is compressed"),
    (.compressed, [0x28, 0xb5, 0x2f, 0xfd, 0], "is compressed"),
    (.pickle, [0x80, 4, 0x4b, 1, 0x2e], "is a pickle that torch.save did not write"),
    (.tar, tar("model.pth"), "is a tar archive"),
    (.unknown, [0, 1, 2, 3], "is of no kind that is known here"),
    (.unknown, [0x80], "is of no kind that is known here"),
    (.unknown, P.little(UInt64(99)) + Array("{}".utf8), "is of no kind that is known here"),
  ]

  @Test(arguments: kinds)
  func otherFilesAreNamed(kind: FileKind, bytes: [UInt8], words: String) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID().uuidString).pt"
    ).path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try FileKind.sniff(contentsOf: path) == kind)
    do {
      _ = try Checkpoint(contentsOf: path)
      Issue.record("read a file of kind \(kind)")
    } catch {
      #expect(error.reason == .unsupportedKind(kind))
      #expect(error.description.hasPrefix("\(path): "))
      #expect(error.description.contains(words))
    }
  }

  @Test func checkpointsAreKnownByTheirContent() throws {
    for (name, kind) in [
      ("small.zip.pt", FileKind.pyTorchZip), ("small.legacy.pt", .pyTorchLegacy),
      ("protocol4.legacy.pt", .pyTorchLegacy), ("archives/script.torchscript.pt", .torchScript),
      ("archives/state-dict.tar.pt", .pyTorchTar),
      ("archives/ensemble-stored.zip", .pyTorchEnsemble),
      ("archives/ensemble-deflated.zip", .pyTorchEnsemble),
      ("archives/hostile/old-script.pt", .oldTorchScript),
      ("hostile/script-like.pt", .torchScript), ("hostile/no-pickle.pt", .zip),
    ] {
      #expect(try FileKind.sniff(contentsOf: Fixture.path(name)) == kind)
    }
  }

  /// The sniffing of a head must not read behind its end.
  @Test func everyShortHeadIsSurvived() throws {
    for (_, bytes, _) in Self.kinds {
      for count in 0..<min(bytes.count, 600) {
        #expect(refusal(Array(bytes[..<count])) != nil)
      }
    }
  }

  @Test func whatIsNoFileIsRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func reason(_ path: String) -> CheckpointError.Reason? {
      do { _ = try Checkpoint(contentsOf: path) } catch { return error.reason }
      return nil
    }
    #expect(reason(folder.path) == .isFolder)
    #expect(reason(folder.appendingPathComponent("none").path) == .missingFile)
    #expect(reason("") == .missingFile)
    #expect(reason("/dev/null") == .notRegularFile)
    // A pipe that nobody writes to must not hang.
    let pipe = folder.appendingPathComponent("pipe").path
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(reason(pipe) == .notRegularFile)
    let loop = folder.appendingPathComponent("loop").path
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    #expect(reason(loop) == .unreadableFile(errorNumber: ELOOP))
  }

  @Test func rawNamesAreStable() {
    #expect(
      FileKind.allCases.map(\.rawValue) == [
        "pytorch-zip", "pytorch-zip-state-dict", "pytorch-zip-module", "pytorch-legacy",
        "pytorch-legacy-state-dict", "pytorch-legacy-module", "pytorch-tar", "pytorch-ensemble",
        "torchscript", "torchscript-json",
        "safetensors", "onnx", "numpy", "hdf5", "pickle", "zip", "tar", "compressed", "html",
        "git-lfs-pointer", "text", "empty", "unknown",
      ])
  }
}
