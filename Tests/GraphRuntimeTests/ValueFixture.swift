import Foundation
import GraphIR
import TestSupport
import Testing

/// Ops over values of any rank as NumPy and PyTorch computed them: Fixtures/graph_values.json, made
/// by tools/fixtures/graph_values.py.
struct ValueFixture: Decodable {
  struct Operand: Decodable {
    let shape: Shape
    let kind: String
  }

  struct Attributes: Decodable {
    var permutation: [Int]?
    var starts: [Int]?
    var extents: [Int]?
    var steps: [Int]?
    var target: Shape?
    var before: [Int]?
    var after: [Int]?
    var mode: String?
    var axis: Int?
    var axes: [Int]?
    var kind: String?
    var last: Bool?
    var function: String?
  }

  let op: String
  let operands: [Operand]
  let attributes: Attributes
  /// Whether every bit of the results is known.
  let exact: Bool
  let shape: Shape
  let float32: Data

  var expected: [Float] {
    float32.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
      }
    }
  }

  private static let special: [Float] = [
    .nan, .infinity, -.infinity, -0.0, 0, 1.5, -2.5, .leastNonzeroMagnitude,
    -.leastNonzeroMagnitude, 3e38, -3e38, 0.5,
  ]

  /// The operands by their positions.
  func tensors(_ name: String) -> [String: Tensor] {
    let named = operands.enumerated().map { index, operand in
      let (stream, count) = ("\(name)/\(index)", operand.shape.elementCount)
      let uniform = CounterFill.uniform(stream, count: count)
      let values: [Float] =
        switch operand.kind {
        case "special": uniform.map { Self.special[Int($0 * Float(Self.special.count))] }
        case "wide": CounterFill.symmetric(stream, count: count, bound: 20)
        case "positive": uniform.map { $0 + 0.5 }
        case "boolean": uniform.map { ($0 * 2).rounded(.down) }
        case "whole": uniform.map { ($0 * 14).rounded(.down) - 7 }
        default: CounterFill.symmetric(stream, count: count, bound: 1)
        }
      return ("\(index)", Tensor(shape: operand.shape, values))
    }
    return Dictionary(uniqueKeysWithValues: named)
  }

  /// The case as a graph: some operands, from the first, are inputs, the others weights.
  func graph(inputs: Int) throws -> Graph {
    var builder = GraphBuilder()
    let values = operands.enumerated().map { index, operand in
      index < inputs
        ? builder.input("\(index)", shape: operand.shape)
        : builder.parameter("\(index)", operand.shape)
    }
    builder.endpoint("result", try result(&builder, values))
    return try builder.build()
  }

  private func result(
    _ builder: inout GraphBuilder, _ values: [Graph.Value]
  ) throws -> Graph.Value {
    let a = attributes
    switch op {
    case "transpose":
      return builder.transpose(values[0], permutation: try #require(a.permutation), label: op)
    case "slice":
      return builder.slice(
        values[0], starts: try #require(a.starts), extents: try #require(a.extents),
        steps: try #require(a.steps), label: op)
    case "reshape": return builder.reshape(values[0], to: try #require(a.target), label: op)
    case "broadcast": return builder.broadcast(values[0], to: try #require(a.target), label: op)
    case "concatenation":
      return builder.concatenation(values, axis: try #require(a.axis), label: op)
    case "pad":
      let modes: [String: Pad.Mode] = [
        "edge": .edge, "reflect": .reflect, "wrap": .wrap, "constant": .constant(-1.5),
      ]
      let mode = try #require(a.mode.flatMap { modes[$0] })
      return builder.pad(
        values[0], before: try #require(a.before), after: try #require(a.after), mode, label: op)
    case "matrixProduct": return builder.matrixProduct(values[0], values[1], label: op)
    case "gather":
      return builder.gather(
        values[0], indices: values[1], axis: try #require(a.axis), label: op)
    case "argExtremum":
      let kind = try #require(a.kind.flatMap(ArgExtremum.Kind.init))
      return builder.argExtremum(
        kind, values[0], axis: try #require(a.axis), takesLast: a.last == true, label: op)
    case "select": return builder.select(values[0], values[1], values[2], label: op)
    case "reduction":
      let function = try #require(a.function.flatMap(Reduction.Function.init))
      return builder.reduction(function, values[0], axes: Set(try #require(a.axes)), label: op)
    default:
      if let function = unary { return builder.unary(function, values[0], label: op) }
      let function = try #require(Binary.Function(rawValue: op), "no op is named \(op)")
      return builder.binary(function, values[0], values[1], label: op)
    }
  }

  private var unary: Unary.Function? {
    switch op {
    case "erf": .erf
    case "floor": .floor
    case "ceiling": .ceiling
    case "round": .round
    case "truncate": .truncate
    case "sign": .sign
    case "sine": .sine
    case "cosine": .cosine
    case "elu": .elu(alpha: 0.7)
    case "softplus": .softplus
    default: nil
    }
  }

  static let all = Result {
    struct Document: Decodable { let cases: [String: ValueFixture] }
    let url = try #require(
      Bundle.module.url(
        forResource: "graph_values", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Document.self, from: Data(contentsOf: url)).cases
  }

  /// The names of all cases, for parametrised tests; empty where the fixture cannot be read, which
  /// a test of its own reports.
  static var names: [String] { ((try? all.get()) ?? [:]).keys.sorted() }
}
