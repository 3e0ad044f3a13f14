import Converter
import Foundation
import GraphIR
import Testing

/// How files hold things, and native files the same.
@Suite struct ReadingTests {
  @Test(arguments: try ONNXCase.all("reading")) func matchesTheOracle(_ value: ONNXCase) throws {
    try value.check(tolerance: 1e-6)
  }

  /// The JSON of a native file gives the same model, nodes, attributes, branches and all.
  @Test(arguments: ["reading", "convolution", "movement", "constants"])
  func survivesJSON(_ family: String) throws {
    for value in try ONNXCase.all(family) {
      let model = try value.read()
      let (graph, tensors) = model.json()
      #expect(Set(tensors.map(\.name)).count == tensors.count)
      let copy = try ONNXModel(
        json: JSONValue(parsing: graph.text),
        tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
      #expect(copy.json().graph == graph, "\(value.name)")
      try value.check(copy, tolerance: 1e-5)
    }
  }

  @Test func numbersThatJSONLacksSurviveIt() throws {
    let floats: [Float] = [.nan, .infinity, -.infinity, 0.1, -0.0]
    let model = ONNXModel(
      opset: 17,
      graph: ONNXGraph(
        inputs: [], outputs: [],
        nodes: [ONNXNode(op: "A", inputs: [], outputs: [""], attributes: ["f": .floats(floats)])],
        initializers: [:]))
    let copy = try ONNXModel(json: JSONValue(parsing: model.json().graph.text), tensors: [:])
    guard case .floats(let read)? = copy.graph.nodes[0].attributes["f"] else {
      Issue.record("no attribute")
      return
    }
    #expect(
      read.map(\.bitPattern) == floats.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern })
  }
}
