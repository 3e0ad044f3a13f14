import Converter
import Foundation
import GraphIR
import Testing

/// Tensors in other files: read from the model's folder, refused from anywhere else.
@Suite struct ExternalDataTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("model/data"), withIntermediateDirectories: true)
  }

  /// Writes a model whose one tensor, two floats, lies elsewhere, and reads it.
  private func read(_ entries: [(String, String)]) throws -> Tensor? {
    defer { try? FileManager.default.removeItem(at: folder) }
    let bytes = Wire.model {
      $0.message(5) { tensor in
        tensor.int(1, 2)
        tensor.int(2, 1)
        tensor.text(8, "w")
        for (key, value) in entries {
          tensor.message(13) {
            $0.text(1, key)
            $0.text(2, value)
          }
        }
        tensor.int(14, 1)
      }
    }
    let path = folder.appendingPathComponent("model/model.onnx")
    try Data(bytes).write(to: path)
    return try ONNXModel(contentsOf: path.path).graph.initializers["w"]
  }

  private func write(_ name: String, _ count: Int = 12) throws {
    let values = (0..<count / 4).map { Float($0) }
    try values.withUnsafeBytes {
      try Data($0).write(to: folder.appendingPathComponent(name))
    }
  }

  private func fault(_ entries: [(String, String)]) -> TensorFault? {
    do {
      _ = try read(entries)
      return nil
    } catch let error as ONNXError {
      if case .tensor("w", let fault) = error.problem { return fault }
    } catch {}
    Issue.record("another error")
    return nil
  }

  @Test func fromTheModelsFolder() throws {
    try write("model/w.bin")
    #expect(try read([("location", "w.bin"), ("offset", "4")])?.floats() == [1, 2])
  }

  @Test func fromAFolderBelow() throws {
    try write("model/data/w.bin", 8)
    #expect(
      try read([("location", "data/w.bin"), ("length", "8")])?.floats() == [0, 1])
  }

  static let outside = [
    "../../etc/passwd", "../w.bin", "/etc/passwd", "data/../../w.bin", "..", "", "data//w.bin",
    "..\\w.bin", "data/..", "a\\..\\..\\w.bin",
  ]

  @Test(arguments: outside) func outsideTheFolder(_ location: String) throws {
    try write("w.bin")
    #expect(fault([("location", location)]) == .outsideFolder(location))
  }

  @Test func throughALink() throws {
    try write("w.bin")
    let link = folder.appendingPathComponent("model/link.bin")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: folder.appendingPathComponent("w.bin"))
    #expect(fault([("location", "link.bin")]) == .outsideFolder("link.bin"))
  }

  @Test func throughALinkedFolder() throws {
    try write("w.bin")
    let link = folder.appendingPathComponent("model/up")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: folder)
    #expect(fault([("location", "up/w.bin")]) == .outsideFolder("up/w.bin"))
  }

  @Test func missing() throws {
    #expect(
      fault([("location", "w.bin")])
        == .externalFile("w.bin", reason: "No such file or directory"))
  }

  @Test func aFolder() throws {
    #expect(
      fault([("location", "data")]) == .externalFile("data", reason: "it is a folder"))
  }

  static let ranges = [
    ("offset", "8"), ("offset", "-4"), ("offset", "9223372036854775807"), ("offset", "four"),
    ("offset", "99999999999999999999"), ("length", "-8"), ("length", "x"),
  ]

  @Test(arguments: ranges) func beyondTheFile(key: String, value: String) throws {
    try write("model/w.bin")
    #expect(
      fault([("location", "w.bin"), (key, value)]) == .externalRange("w.bin", fileSize: 12))
  }

  @Test func anotherLength() throws {
    try write("model/w.bin")
    #expect(
      fault([("location", "w.bin"), ("length", "12")]) == .byteCount(found: 12, expected: 8))
  }

  @Test func withoutAFolder() {
    let bytes = Wire.model {
      $0.message(5) {
        $0.int(2, 1)
        $0.text(8, "w")
        $0.int(14, 1)
      }
    }
    #expect(throws: ONNXError(file: "model.onnx", problem: .tensor("w", .noFolder))) {
      try onnx(bytes)
    }
  }
}
