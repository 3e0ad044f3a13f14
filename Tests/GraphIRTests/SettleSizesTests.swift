import GraphIR
import TestSupport
import Testing

/// Sizes that follow from other maps, before and after they are numbers.
struct SettleSizesTests {
  /// A grid of the image, and the grid's means brought to half the image's size.
  private func graph(parts: Int, divisor: Int = 2) throws -> Graph {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let cells = builder.gridPooling(image, parts: parts, label: "cells")
    let larger = builder.resize(cells, .nearest, like: image, divisor: divisor, label: "larger")
    builder.endpoint("cells", cells)
    builder.endpoint("larger", larger)
    return try builder.build()
  }

  @Test func extentsThatAreNoMultipleOfTheGridGiveMoreCells() throws {
    let graph = try graph(parts: 6)
    let shapes = try graph.shapes(inputs: ["image": [2, 1, 64, 71]])
    // Windows of 10 by 11 pixels: 6 fit into 64 and into 71 rows or columns.
    #expect(shapes[1] == [2, 1, 6, 6])
    #expect(shapes[2] == [2, 1, 32, 35])
    // Windows of one pixel: all 11 are cells.
    #expect(try graph.shapes(inputs: ["image": [1, 1, 11, 12]])[1] == [1, 1, 11, 6])
  }

  @Test func becomesNumbers() throws {
    let inputs: [String: Shape] = ["image": [1, 1, 64, 71]]
    let settled = try #require(try graph(parts: 6).settled(inputs: inputs))
    let ops = settled.nodes.map(\.op)
    guard case .pooling(let pooling) = ops[1], case .resize(let resize) = ops[2] else {
      Issue.record("\(settled)")
      return
    }
    #expect(pooling.kind == .average)
    #expect(pooling.window == Size2D(height: 10, width: 11))
    #expect(pooling.geometry == WindowGeometry(stride: Size2D(height: 10, width: 11)))
    #expect(resize.target == .size(Size2D(height: 32, width: 35)))
    #expect(settled.nodes[2].inputs.count == 1)
    #expect(try settled.settled(inputs: inputs) == nil)
    let before = try graph(parts: 6).shapes(inputs: inputs)
    #expect(try settled.shapes(inputs: inputs) == before)
  }

  @Test func pixelsBecomeShapes() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 3)
    let joined = builder.joinedRows(image, label: "joined")
    builder.endpoint("split", builder.rows(of: joined, like: image, label: "split"))
    let graph = try builder.build()
    let inputs: [String: Shape] = ["image": [2, 3, 5, 7]]
    #expect(
      try graph.shapes(inputs: inputs).map(\.self) == [[2, 3, 5, 7], [2, 3, 35], [2, 3, 5, 7]])
    let settled = try #require(try graph.settled(inputs: inputs))
    guard case .reshape(let flat) = settled.nodes[1].op,
      case .reshape(let rows) = settled.nodes[2].op
    else {
      Issue.record("\(settled)")
      return
    }
    #expect(flat.shape == [2, 3, 35] && rows.shape == [2, 3, 5, 7])
    #expect(settled.nodes[2].inputs.count == 1)
  }

  /// A group norm takes the SiLU behind it along, and no other function.
  @Test(arguments: [Unary.Function.silu, .relu])
  func groupNormTakesSilu(_ function: Unary.Function) throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 4)
    let norm = builder.groupNorm(
      image, gamma: builder.parameter("gamma", [4]), beta: builder.parameter("beta", [4]),
      groups: 2, epsilon: 1e-6, label: "norm")
    builder.endpoint("result", builder.unary(function, norm, label: "function"))
    let fused = try PassPipeline.inference(builder.build())
    let ops = fused.nodes.map { type(of: $0.op.attributes).name }
    #expect(ops.contains("unary") == (function != .silu))
    #expect(ops.contains("groupNorm"))
  }

  @Test func tooSmallImagesAreRefused() throws {
    #expect(throws: GraphError.self) {
      try graph(parts: 6).shapes(inputs: ["image": [1, 1, 5, 64]])
    }
    #expect(throws: GraphError.self) {
      try graph(parts: 1, divisor: 9).shapes(inputs: ["image": [1, 1, 8, 64]])
    }
  }
}
