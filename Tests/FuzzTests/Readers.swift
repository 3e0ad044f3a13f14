import Converter
import Foundation
import GraphIR
import WeightFiles

/// Every reader of foreign files, as users call it.
enum Readers {
  private static let all: [(name: String, read: @Sendable (String) throws -> Void)] = [
    ("sniff", { _ = try FileKind.sniff(contentsOf: $0) }),
    ("checkpoint", { _ = try Checkpoint(contentsOf: $0) }),
    ("safetensors", { _ = try SafetensorsFile(contentsOf: URL(fileURLWithPath: $0)) }),
    ("onnx", { try readONNX($0) }),
    ("native", { _ = try WeightFile(contentsOf: URL(fileURLWithPath: $0)) }),
  ]

  /// Reads a model and imports it for small inputs.
  private static func readONNX(_ path: String) throws {
    let model = try ONNXModel(contentsOf: path)
    var shapes: [String: Shape] = [:]
    for input in model.graph.inputs { shapes[input.name] = input.fixedShape ?? [1, 3, 8, 8] }
    _ = try model.imported(file: path, shapes: shapes)
  }

  /// What makes a bare pickle the object of a legacy file: the magic number, the version, and an
  /// empty record of the writer's machine.
  static let legacyHead: [UInt8] =
    [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
    + [0x80, 2, 0x4d, 0xe9, 3, 0x2e, 0x80, 2, 0x7d, 0x2e]

  /// Gives a file to every reader; those that take longer than they may end the process.
  ///
  /// - Returns: the names of the readers that read it whole.
  @discardableResult
  static func readAll(_ path: String) -> [String] {
    all.compactMap { name, read in
      let start = Limits.processorTime
      let isRead: Bool
      do {
        try read(path)
        isRead = true
      } catch {
        precondition(!"\(error)".isEmpty)
        isRead = false
      }
      let spent = Limits.processorTime - start
      precondition(spent <= Limits.time, "\(name) took \(spent) s")
      return isRead ? name : nil
    }
  }
}
