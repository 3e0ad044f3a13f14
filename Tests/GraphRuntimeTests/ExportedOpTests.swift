import Converter
import Foundation
import GraphIR
import Testing

/// Every op on images as an ONNX model.
struct ExportedOpTests {
  @Test(arguments: OpFixture.names, ExportedOp.opsets)
  func isWritten(_ name: String, _ opset: Int) throws {
    let fixture = try #require(try OpFixture.all.get()[name])
    let (inputs, weights) = fixture.tensors(name)
    try ExportedOp.write(
      fixture.graph(), weights: weights, inputs: inputs.mapValues(\.shape),
      expected: fixture.shape, opset: opset, to: "image__" + name)
  }
}

/// Exports fixtures and checks their outsides.
///
/// What the models compute is for others to say: with `XRAYZOO_EXPORTED_OPS` naming a folder the
/// files stay there, and `tools/export-check` runs them in ONNX Runtime against the fixtures' results.
enum ExportedOp {
  private static let kept = ProcessInfo.processInfo.environment["XRAYZOO_EXPORTED_OPS"]
  /// On both sides of each change in how an op is written.
  static let opsets = [13, 17, 18, 20, 23]

  static func write(
    _ graph: Graph, weights: [String: Tensor], inputs: [String: Shape], expected: Shape,
    opset: Int, to name: String
  ) throws {
    let export = try ONNXExport(graph, weights: weights, inputShapes: inputs, opset: opset)
    #expect(export.inputs.map(\.name) == inputs.keys.sorted())
    let output = try #require(export.outputs.first)
    #expect(export.outputs.count == 1 && output.name == "result")
    // Extents that are not open are those that the oracle gives.
    let extents = try #require(output.extents)
    #expect(extents.count == expected.count)
    for (extent, expected) in zip(extents, expected) {
      if case .fixed(let extent) = extent { #expect(extent == expected) }
    }
    let shapes = try graph.shapes(inputs: inputs)
    let hasBatch =
      graph.isIndependentAlongBatch(shapes: shapes) && !shapes.contains { $0.contains(0) }
    #expect((extents.first == .named("batch")) == hasBatch)
    let file = try ONNXFile(
      export, .init(name: name, documentation: "", metadata: []), externalName: "data")
    var bytes = Data()
    try file.writeModel { bytes.append(contentsOf: $0) }
    #expect(bytes.count == file.byteCount)
    guard let folder = Self.kept else { return }
    let stem = name.replacingOccurrences(of: "/", with: "__")
    let url = URL(fileURLWithPath: folder).appendingPathComponent("\(stem)__\(opset).onnx")
    try bytes.write(to: url)
  }
}
