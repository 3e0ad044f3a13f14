import GraphIR
import Testing

/// Every op on values of any rank as an ONNX model.
struct ExportedValueTests {
  @Test(arguments: ValueFixture.names, ExportedOp.opsets)
  func isWritten(_ name: String, _ opset: Int) throws {
    let fixture = try #require(try ValueFixture.all.get()[name])
    let operands = fixture.tensors(name)
    // Known indices and conditions are written in another way than computed ones.
    for inputs in Set([1, operands.count]) {
      let (given, weights) = (
        operands.filter { Int($0.key).map { $0 < inputs } ?? false },
        operands.filter { Int($0.key).map { $0 >= inputs } ?? false }
      )
      try ExportedOp.write(
        fixture.graph(inputs: inputs), weights: weights, inputs: given.mapValues(\.shape),
        expected: fixture.shape, opset: opset, to: "value\(inputs)__" + name)
    }
  }
}
