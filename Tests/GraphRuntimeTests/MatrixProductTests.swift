import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Products that are cut into several tasks and stretches of terms, over whole numbers, of which
/// every order of summing makes the same.
struct MatrixProductTests {
  struct Sizes: Sendable, CustomTestStringConvertible {
    let matrices: Int
    let rows: Int
    let terms: Int
    let columns: Int
    var testDescription: String { "\(matrices) of \(rows)x\(terms)x\(columns)" }
  }

  private static let sizes = [
    Sizes(matrices: 1, rows: 300, terms: 70, columns: 333),
    Sizes(matrices: 1, rows: 17, terms: 4200, columns: 150),
    Sizes(matrices: 1, rows: 1000, terms: 33, columns: 20),
    Sizes(matrices: 1, rows: 1, terms: 2049, columns: 700),
    Sizes(matrices: 5, rows: 120, terms: 40, columns: 50),
  ]

  private func whole(_ stream: String, _ shape: Shape) -> Tensor {
    Tensor(
      shape: shape,
      CounterFill.uniform(stream, count: shape.elementCount).map { ($0 * 9).rounded(.down) - 4 })
  }

  /// The plainest loops.
  private func product(_ a: Tensor, _ b: Tensor, _ sizes: Sizes) throws -> [Float] {
    let (left, right) = (try #require(a.floats()), try #require(b.floats()))
    var result = [Float](repeating: 0, count: sizes.matrices * sizes.rows * sizes.columns)
    for row in 0..<sizes.matrices * sizes.rows {
      for term in 0..<sizes.terms {
        let factor = left[row * sizes.terms + term]
        for column in 0..<sizes.columns {
          result[row * sizes.columns + column] += factor * right[term * sizes.columns + column]
        }
      }
    }
    return result
  }

  @Test(arguments: sizes, [false, true])
  func everyCut(_ sizes: Sizes, isPacked: Bool) throws {
    let a = whole("a", [sizes.matrices, sizes.rows, sizes.terms])
    let b = whole("b", [sizes.terms, sizes.columns])
    var builder = GraphBuilder()
    let left = builder.input("a", shape: a.shape)
    let right = isPacked ? builder.parameter("b", b.shape) : builder.input("b", shape: b.shape)
    builder.endpoint("result", builder.matrixProduct(left, right, label: "product"))
    let inputs = isPacked ? ["a": a] : ["a": a, "b": b]
    let expected = try product(a, b, sizes)
    for kernels in Kernels.available {
      for threads in [1, 2, 7] {
        let session = try Session(
          builder.build(), weights: ["b": b], inputShapes: inputs.mapValues(\.shape),
          batching: .whole, threads: Threads(threads), kernels: kernels)
        let isEqual = try #require(try session.run(inputs)["result"]?.floats()) == expected
        #expect(isEqual, "\(kernels.name), \(threads) threads")
      }
    }
  }
}
