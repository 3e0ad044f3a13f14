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
    var padding: Pair?
    var dilation: Pair?
    var groups: Int?
    var axis: Int?
    var bias: Bool?
    var norm: Bool?
    var relu: Bool?

    var geometry: WindowGeometry {
      WindowGeometry(
        stride: stride?.size ?? 1, padding: padding?.size ?? 0, dilation: dilation?.size ?? 1)
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

  let op: String
  let operands: [Operand]
  /// How many operands, from the first, are inputs of the graph; the others are weights.
  let inputs: Int
  let attributes: Attributes
  let shape: Shape
  /// Which results are stored: those at multiples of this.
  let every: Int
  let float32: Data

  var isSpecial: Bool { operands.contains { $0.kind == "special" } }

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

  /// The names of the cases, for parametrised tests; empty where the fixture cannot be read, which
  /// a test of its own reports.
  static var names: [String] { ((try? all.get()) ?? [:]).keys.sorted() }
}

extension OpFixture {
  private static let special: [Float] = [
    .nan, .infinity, -.infinity, -0.0, 0, 1.5, -2, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    3e38, -3e38,
  ]

  func tensor(_ name: String, operand: Int) -> Tensor {
    let (stream, shape) = ("\(name)/\(operand)", operands[operand].shape)
    let values: [Float] =
      switch operands[operand].kind {
      case "special":
        CounterFill.uniform(stream, count: shape.elementCount).map {
          Self.special[Int($0 * Float(Self.special.count))]
        }
      case "positive": CounterFill.uniform(stream, count: shape.elementCount).map { $0 + 0.5 }
      default: CounterFill.symmetric(stream, count: shape.elementCount, bound: 1)
      }
    return Tensor(shape: shape, values)
  }

  /// The case as a graph: inputs and weights are named by their positions.
  func graph() throws -> Graph {
    var builder = GraphBuilder()
    let values = operands.indices.map { index in
      index < inputs
        ? builder.input("\(index)", channels: operands[index].shape[1])
        : builder.parameter("\(index)", operands[index].shape)
    }
    var result: Graph.Value
    switch op {
    case "convolution":
      result = builder.convolution(
        values[0], weight: values[1], bias: attributes.bias == true ? values[2] : nil,
        attributes.geometry, groups: attributes.groups ?? 1, label: "conv")
      if attributes.norm == true {
        result = builder.batchNorm(result, statistics: Array(values.suffix(4)))
      }
    case "batchNorm": result = builder.batchNorm(values[0], statistics: Array(values[1...]))
    case "maximum", "average":
      result = builder.pooling(
        op == "maximum" ? .maximum : .average, values[0], window: attributes.window?.size ?? 1,
        attributes.geometry, label: "pool")
    case "concatenation":
      result = builder.concatenation(values, axis: attributes.axis ?? 1, label: "cat")
    case "linear":
      let features = builder.spatialMean(values[0], label: "mean")
      result = builder.linear(features, weight: values[1], bias: values[2], label: "linear")
    case "spatialMean": result = builder.spatialMean(values[0], label: "mean")
    case "relu": result = builder.unary(.relu, values[0], label: "relu")
    default:
      let function = try #require(Binary.Function(rawValue: op), "no op is named \(op)")
      result = builder.binary(function, values[0], values[1], label: op)
    }
    if attributes.relu == true { result = builder.unary(.relu, result, label: "relu") }
    builder.endpoint("result", result)
    return try builder.build()
  }
}

extension GraphBuilder {
  mutating func batchNorm(
    _ image: Graph.Value, statistics: [Graph.Value]
  ) -> Graph.Value {
    batchNorm(
      image, gamma: statistics[0], beta: statistics[1], mean: statistics[2],
      variance: statistics[3], label: "norm")
  }
}
