import Converter
import GraphIR
import Testing

/// Sums of products beside NumPy: see tools/fixtures/onnx/einsum.py.
@Suite struct EinsumTests {
  @Test(arguments: try ONNXCase.all("einsum"))
  func computes(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }

  @Test(arguments: [
    HostileNode(
      op: "Einsum", opset: 12, operands: [.computed([2, 3]), .known(.ones([3, 4]))],
      attributes: ["equation": .string("ij,jk->ik")], attributeNames: ["equation"]),
    HostileNode(
      op: "Einsum", opset: 12, operands: [.computed([2, 3, 3]), .computed([2])],
      attributes: ["equation": .string("...ii,...->i...")], attributeNames: ["equation"]),
  ])
  func refusesOrComputes(_ node: HostileNode) throws { try node.check() }

  @Test(arguments: [
    "", "->", ",", "ij", "ij->ij", "ij,jk,kl", "ijk,jk", "i,jk", "ij,j", "ij,jk->il", "ij,jk->ii",
    "ij,jk->ik->ik", "ij->jk,ik", "i1,1k", "ij,jk->i-", "éj,jk", "ij,ki", "ii,jk", "......,jk",
    "i....,jk", "..,jk", "...i...,jk", "...,...->", "i...,jk->ik", "ij,jk->...-", "ijklmn,jk",
    "...ijk,jk", "ij;jk", "ij,jk->…",
  ])
  func refuses(equation: String) throws {
    let model = ONNXModel(
      opset: 12,
      graph: ONNXGraph(
        inputs: ["a", "b"].map { ONNXValueInfo(name: $0, dtype: .float32, extents: nil) },
        outputs: [ONNXValueInfo(name: "c", dtype: nil, extents: nil)],
        nodes: [
          ONNXNode(
            op: "Einsum", inputs: ["a", "b"], outputs: ["c"],
            attributes: ["equation": .string(equation)])
        ], initializers: [:]))
    #expect(throws: ONNXError.self) {
      try model.imported(file: "model", shapes: ["a": [2, 3], "b": [3, 4]])
    }
  }
}
