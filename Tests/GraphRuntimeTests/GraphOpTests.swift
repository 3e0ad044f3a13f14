import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Every op, in every variant of the kernels and on one thread and two, against PyTorch.
struct GraphOpTests {
  @Test func fixtureIsThere() throws {
    #expect(try OpFixture.all.get().count > 50)
    #expect(OpFixture.names.count > 50)
  }

  @Test(arguments: OpFixture.names)
  func shapeMatchesPyTorch(_ name: String) throws {
    let fixture = try #require(try OpFixture.all.get()[name])
    let graph = try fixture.graph()
    let inputs = graph.inputs.compactMap { input in
      Int(input.name).map { (input.name, fixture.operands[$0].shape) }
    }
    let shapes = try graph.shapes(inputs: Dictionary(uniqueKeysWithValues: inputs))
    #expect(shapes[try #require(graph.endpoints["result"]).index] == fixture.shape)
  }

  @Test(arguments: OpFixture.names)
  func matchesPyTorch(_ name: String) throws {
    let fixture = try #require(try OpFixture.all.get()[name])
    let graph = try fixture.graph()
    let (inputs, weights) = fixture.tensors(name)
    for kernels in Kernels.available {
      var outputs = [[Float]]()
      for threads in 1...2 {
        let session = try Session(
          graph, weights: weights,
          inputShapes: inputs.mapValues { Shape([1] + $0.shape.dimensions.dropFirst()) },
          threads: Threads(threads), kernels: kernels)
        let output = try #require(try session.run(inputs)["result"])
        #expect(output.shape == fixture.shape)
        outputs.append(try #require(output.floats()))
      }
      #expect(outputs[0].map(\.bitPattern) == outputs[1].map(\.bitPattern))
      let found = stride(from: 0, to: outputs[0].count, by: fixture.every).map { outputs[0][$0] }
      if fixture.isSpecial {
        // PyTorch's root of 3e38 is not the nearest float but the next.
        let difference = firstDifference(
          found, fixture.expected, allowsNeighbours: fixture.op == "squareRoot")
        #expect(difference == nil, "\(kernels.name)")
      } else {
        #expect(relativeDifference(found, fixture.expected) < 1e-5, "\(kernels.name)")
      }
    }
  }

  /// The same with operands in blocks of channels, in both precisions.
  ///
  /// Infinities and NaN would not pass the convolutions in front; the tests of the kernels have
  /// them.
  @Test(arguments: OpFixture.names, Precision.allCases)
  func matchesPyTorchInBlocks(_ name: String, _ precision: Precision) throws {
    let fixture = try #require(try OpFixture.all.get()[name])
    guard !fixture.isSpecial else { return }
    let graph = try fixture.graph(inBlocks: true)
    let (inputs, weights) = fixture.tensors(name)
    // In bfloat16 a rounding of at most 2^-8 before the op and one behind it; before an exponential
    // of 20 it is one of 2^-4.
    let tolerance: Float =
      precision == .float32 ? 1e-5 : name == "exp/wide" ? 0x1p-4 + 0x1p-7 : 0x1p-7
    for kernels in Kernels.available {
      var outputs = [[Float]]()
      for threads in 1...2 {
        let session = try Session(
          graph, weights: weights,
          inputShapes: inputs.mapValues { Shape([1] + $0.shape.dimensions.dropFirst()) },
          precision: precision, threads: Threads(threads), kernels: kernels)
        let output = try #require(try session.run(inputs)["result"])
        #expect(output.shape == fixture.shape)
        outputs.append(try #require(output.floats()))
      }
      #expect(outputs[0].map(\.bitPattern) == outputs[1].map(\.bitPattern))
      let found = stride(from: 0, to: outputs[0].count, by: fixture.every).map { outputs[0][$0] }
      let difference = relativeDifference(found, fixture.expected)
      #expect(difference < tolerance, "\(kernels.name)")
    }
  }

  /// The same for the whole batch at once, with weights that are known beforehand and with weights
  /// that come with each run.
  @Test(arguments: OpFixture.names, [false, true])
  func matchesPyTorchAsAWhole(_ name: String, weightsAreInputs: Bool) throws {
    let fixture = try #require(try OpFixture.all.get()[name])
    let (inputs, weights) = fixture.tensors(name, weightsAreInputs: weightsAreInputs)
    for inBlocks in fixture.isSpecial ? [false] : [false, true] {
      let graph = try fixture.graph(inBlocks: inBlocks, weightsAreInputs: weightsAreInputs)
      for kernels in Kernels.available {
        var outputs = [[Float]]()
        for threads in [1, 2, 3] {
          let session = try Session(
            graph, weights: weights, inputShapes: inputs.mapValues(\.shape), batching: .whole,
            threads: Threads(threads), kernels: kernels)
          let output = try #require(try session.run(inputs)["result"])
          #expect(output.shape == fixture.shape)
          outputs.append(try #require(output.floats()))
        }
        for other in outputs.dropFirst() {
          #expect(outputs[0].map(\.bitPattern) == other.map(\.bitPattern))
        }
        let found = stride(from: 0, to: outputs[0].count, by: fixture.every).map { outputs[0][$0] }
        if fixture.isSpecial {
          let difference = firstDifference(
            found, fixture.expected, allowsNeighbours: fixture.op == "squareRoot")
          #expect(difference == nil, "\(kernels.name)")
        } else {
          #expect(relativeDifference(found, fixture.expected) < 1e-5, "\(kernels.name)")
        }
      }
    }
  }

  /// The first place where results differ, bit by bit, signs of zeros included, except that any NaN
  /// is as good as another.
  private func firstDifference(
    _ found: [Float], _ expected: [Float], allowsNeighbours: Bool
  ) -> String? {
    guard found.count == expected.count else { return "\(found.count), not \(expected.count)" }
    for (index, (a, b)) in zip(found, expected).enumerated()
    where !(a.isNaN && b.isNaN) && a.bitPattern != b.bitPattern {
      if allowsNeighbours, a == b.nextUp || a == b.nextDown { continue }
      return "[\(index)] is \(a), not \(b)"
    }
    return nil
  }
}
