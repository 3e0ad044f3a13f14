import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Graphs that nobody would write: whatever passes `shapes(inputs:)` runs, and whole graphs give the
/// numbers of their ops one by one.
struct RandomGraphTests {
  /// Each op by itself, over what the ops before it made: nothing is fused, shared or in blocks
  /// between them.
  private func oneByOne(_ graph: Graph, _ inputs: [String: Tensor]) throws -> [Tensor] {
    let scalar = try Kernels.forThisMachine(named: "scalar")
    var made = [Tensor]()
    for node in graph.nodes {
      switch node.op {
      case .input(let input): made.append(try #require(inputs[input.name]))
      case .constant(let constant): made.append(constant.tensor)
      default:
        var builder = GraphBuilder()
        var operands = [String: Tensor]()
        let values = node.inputs.enumerated().map { index, value in
          operands["\(index)"] = made[value.index]
          return builder.input("\(index)", shape: made[value.index].shape)
        }
        builder.endpoint("result", builder.add(node.op, values, label: node.label))
        let session = try Session(
          builder.build(), weights: [:], inputShapes: operands.mapValues(\.shape),
          batching: .whole, threads: Threads(1), kernels: scalar)
        made.append(try #require(try session.run(operands)["result"]))
      }
    }
    return made
  }

  private func run(
    _ graph: Graph, _ inputs: [String: Tensor], _ kernels: Kernels, threads: Int,
    precision: Precision = .float32
  ) throws -> [String: Tensor] {
    let session = try Session(
      graph, weights: [:], inputShapes: inputs.mapValues(\.shape), batching: .whole,
      precision: precision, threads: Threads(threads), kernels: kernels)
    return try session.run(inputs)
  }

  /// A graph with every value as an endpoint, or only those that nothing uses.
  private func finished(_ random: RandomGraph, all: Bool) throws -> Graph {
    var builder = random.builder
    let uses = try builder.build().useCounts
    for (value, _) in random.values where all || uses[value.index] == 0 {
      builder.endpoint("\(value.index)", value)
    }
    return try builder.build()
  }

  @Test(arguments: 0..<150)
  func wholeGraphsMatchTheirOps(_ seed: Int) throws {
    let random = try RandomGraph(seed: "exact \(seed)", nodes: 14, isWild: false)
    let expected = try oneByOne(random.builder.build(), random.inputs)
    for all in [false, true] {
      let graph = try finished(random, all: all)
      for kernels in Kernels.available {
        for threads in [1, 3] {
          for (name, found) in try run(graph, random.inputs, kernels, threads: threads) {
            let value = try #require(graph.endpoints[name])
            let original = expected[try #require(Int(name))]
            #expect(found.shape == original.shape)
            // A zero may have either sign: sums start from 0.
            let isEqual = try #require(found.floats()) == #require(original.floats())
            #expect(isEqual, "\(kernels.name) \(graph[value].label) \(name)\n\(graph)")
          }
        }
      }
    }
  }

  /// Any function of any number: nothing stops the program, and threads change no bit.
  @Test(arguments: 0..<150, Precision.allCases)
  func anyGraphRuns(_ seed: Int, _ precision: Precision) throws {
    let random = try RandomGraph(seed: "wild \(seed)", nodes: 20, isWild: true)
    let graph = try finished(random, all: seed % 2 == 0)
    for kernels in Kernels.available {
      let outputs = try [1, 2, 5].map { threads in
        try run(graph, random.inputs, kernels, threads: threads, precision: precision)
          .mapValues { $0.floats()?.map(\.bitPattern) }
      }
      #expect(outputs[0] == outputs[1] && outputs[0] == outputs[2], "\(kernels.name)\n\(graph)")
    }
  }
}
