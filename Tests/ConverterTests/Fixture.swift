import Converter
import Foundation
import GraphIR

/// What tools/fixtures/checkpoints.py says PyTorch holds for each of its files.
struct ExpectedFiles: Decodable {
  struct File: Decodable {
    struct Tensor: Decodable {
      let name: String
      let dtype: String
      let shape: [Int]
      let hex: String
    }

    let kind: FileKind
    let tensors: [Tensor]
    let moduleClass: String?
    let key: String?
    let strippedPrefix: String?
    let skipped: [String]?
    let members: [String]?
  }

  let files: [String: File]
}

enum Fixture {
  static func path(_ name: String) throws -> String {
    guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    return folder.appendingPathComponent("Fixtures").appendingPathComponent(name).path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// What stands in the folder of one generator, the first by default.
  static func expected(_ folder: String = ".") throws -> ExpectedFiles {
    let data = try Data(contentsOf: URL(fileURLWithPath: path("\(folder)/expected.json")))
    return try JSONDecoder().decode(ExpectedFiles.self, from: data)
  }
}

extension ByteStorage {
  /// A copy of some bytes.
  convenience init(_ bytes: some Collection<UInt8>) {
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }
}

extension Checkpoint {
  /// Reads bytes as if they were a file.
  init(bytes: [UInt8], key: String? = nil) throws(CheckpointError) {
    try self.init(ByteStorage(bytes), file: "test.pt", key: key)
  }
}

extension Tensor {
  var hex: String {
    withUnsafeBytes { bytes in
      let digits = Array("0123456789abcdef")
      return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
  }

  /// The name PyTorch has for the element type.
  var torchName: String? { DType.torchNames.first { $0.dtype == dtype }?.name }
}

/// The reason for which bytes are refused; nil where they are read.
func refusal(_ bytes: [UInt8], key: String? = nil) -> CheckpointError.Reason? {
  do {
    _ = try Checkpoint(bytes: bytes, key: key)
    return nil
  } catch {
    return error.reason
  }
}
