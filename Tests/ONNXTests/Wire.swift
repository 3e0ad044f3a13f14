import Converter
import Foundation
import GraphIR

/// A protocol buffer message, field by field, for files that no library would write.
struct Wire {
  private(set) var bytes: [UInt8] = []

  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes = [UInt8]()
    repeat {
      bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  mutating func int(_ field: Int, _ value: Int) {
    bytes += Self.varint(UInt64(field << 3)) + Self.varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func data(_ field: Int, _ content: [UInt8]) {
    bytes += Self.varint(UInt64(field << 3 | 2)) + Self.varint(UInt64(content.count)) + content
  }

  mutating func text(_ field: Int, _ content: String) { data(field, Array(content.utf8)) }

  mutating func message(_ field: Int, _ fill: (inout Wire) -> Void) {
    var inner = Wire()
    fill(&inner)
    data(field, inner.bytes)
  }

  mutating func raw(_ more: [UInt8]) { bytes += more }
}

extension Wire {
  /// A model of one graph.
  static func model(opset: Int? = 17, _ graph: (inout Wire) -> Void) -> [UInt8] {
    var model = Wire()
    model.int(1, 8)
    model.message(7, graph)
    if let opset {
      model.message(8) {
        $0.text(1, "")
        $0.int(2, opset)
      }
    }
    return model.bytes
  }

  /// An input or output of a graph.
  mutating func value(_ field: Int, _ name: String, dtype: Int = 1, _ extents: [Int]) {
    message(field) {
      $0.text(1, name)
      $0.message(2) {
        $0.message(1) {
          $0.int(1, dtype)
          $0.message(2) { shape in
            for extent in extents { shape.message(1) { $0.int(1, extent) } }
          }
        }
      }
    }
  }

  mutating func node(_ op: String, _ inputs: [String], _ outputs: [String]) {
    message(1) { node in
      inputs.forEach { node.text(1, $0) }
      outputs.forEach { node.text(2, $0) }
      node.text(4, op)
    }
  }
}

func onnx(_ bytes: [UInt8]) throws(ONNXError) -> ONNXModel {
  let storage = ByteStorage(count: bytes.count) { $0.copyBytes(from: bytes) }
  return try ONNXModel(storage, file: "model.onnx")
}
