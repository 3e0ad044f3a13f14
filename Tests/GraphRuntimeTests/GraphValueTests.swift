import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Every op over values of any rank, in every variant of the kernels and on one thread and more,
/// against NumPy and PyTorch.
struct GraphValueTests {
  @Test func fixtureIsThere() throws {
    #expect(try ValueFixture.all.get().count > 250)
  }

  /// All operands as inputs; the first alone, beside weights; and weights alone, which are folded.
  @Test(arguments: ValueFixture.names)
  func matchesNumPy(_ name: String) throws {
    let fixture = try #require(try ValueFixture.all.get()[name])
    let tensors = fixture.tensors(name)
    for inputs in Set([0, 1, fixture.operands.count]) {
      let graph = try fixture.graph(inputs: inputs)
      let given = tensors.filter { name, _ in graph.inputs.contains { $0.name == name } }
      for kernels in Kernels.available {
        var outputs = [[UInt32]]()
        for threads in [1, 2, 5] {
          let session = try Session(
            graph, weights: tensors, inputShapes: given.mapValues(\.shape), batching: .whole,
            threads: Threads(threads), kernels: kernels)
          #expect(session.outputShapes == ["result": fixture.shape])
          let output = try #require(try session.run(given)["result"])
          #expect(output.shape == fixture.shape)
          outputs.append(try #require(output.floats()).map(\.bitPattern))
        }
        #expect(outputs[0] == outputs[1] && outputs[0] == outputs[2])
        let found = outputs[0].map { Float(bitPattern: $0) }
        let difference = firstDifference(found, fixture.expected, isExact: fixture.exact)
        #expect(difference == nil, "\(kernels.name), \(inputs) inputs")
      }
    }
  }

  /// The first place where results differ: bit by bit, signs of zeros included, or by more than a
  /// few roundings of the largest finite one; any NaN is as good as another.
  private func firstDifference(_ found: [Float], _ expected: [Float], isExact: Bool) -> String? {
    guard found.count == expected.count else { return "\(found.count), not \(expected.count)" }
    let largest = expected.reduce(Float.leastNormalMagnitude) {
      $1.isFinite ? max($0, abs($1)) : $0
    }
    for (index, (a, b)) in zip(found, expected).enumerated() {
      if a.isNaN && b.isNaN || a.bitPattern == b.bitPattern { continue }
      if !isExact, a.isFinite, b.isFinite, abs(a - b) <= largest * 2e-6 { continue }
      // Functions that are computed, of an infinity or a denormal number.
      return "[\(index)] is \(a), not \(b)"
    }
    return nil
  }
}
