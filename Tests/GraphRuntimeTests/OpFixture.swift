import Foundation
import GraphIR
import TestSupport
import Testing

/// Ops as PyTorch computed them: Fixtures/graph_ops.json, made by tools/fixtures/graph_ops.py.
struct OpFixture: Decodable {
  struct Operand: Decodable {
    let shape: Shape
    let kind: String
  }

  struct Attributes: Decodable {
    var window: Pair?
    var stride: Pair?
    var padding: Sides?
    var dilation: Pair?
    var groups: Int?
    var axis: Int?
    var bias: Bool?
    var norm: Bool?
    var relu: Bool?
    var silu: Bool?
    var outputPadding: Pair?
    var size: Pair?
    var scale: [Double]?
    var alignsCorners: Bool?
    var slope: Float?
    var axes: [Int]?

    var geometry: WindowGeometry {
      WindowGeometry(
        stride: stride?.size ?? 1, padding: padding?.padding ?? .zero, dilation: dilation?.size ?? 1
      )
    }
  }

  /// One number for both sides, or `[height, width]`.
  struct Pair: Decodable {
    let size: Size2D

    init(from decoder: any Decoder) throws {
      if let side = try? Int(from: decoder) {
        size = Size2D(height: side, width: side)
      } else {
        let sides = try [Int](from: decoder)
        size = Size2D(height: sides[0], width: sides[1])
      }
    }
  }

  /// One number for all sides, `[height, width]`, or `[top, left, bottom, right]`.
  struct Sides: Decodable {
    let padding: Padding

    init(from decoder: any Decoder) throws {
      if let sides = try? [Int](from: decoder), sides.count == 4 {
        padding = Padding(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
      } else {
        padding = Padding(try Pair(from: decoder).size)
      }
    }
  }

  let op: String
  let operands: [Operand]
  /// How many operands, from the first, are inputs of the graph; the others are weights.
  let inputs: Int
  let attributes: Attributes
  let shape: Shape
  /// Which results are stored: those at multiples of this.
  let every: Int
  let float32: Data

  var isSpecial: Bool { operands.contains { ["special", "limits"].contains($0.kind) } }

  var expected: [Float] {
    float32.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
      }
    }
  }

  static let all = Result {
    struct Document: Decodable { let cases: [String: OpFixture] }
    let url = try #require(
      Bundle.module.url(forResource: "graph_ops", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Document.self, from: Data(contentsOf: url)).cases
  }

  /// The names of all cases, for parametrised tests; empty where the fixture cannot be read, which
  /// a test of its own reports.
  static var names: [String] { ((try? all.get()) ?? [:]).keys.sorted() }
}
