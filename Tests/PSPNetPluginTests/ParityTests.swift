import GraphIR
import PSPNetPlugin
import PluginTestSupport
import Testing

/// The published network at its size, and small ones whose maps the pyramid's windows do not fill,
/// against torchxrayvision's module.
struct ParityTests {
  @Test(arguments: ["chestx-det", "odd", "small"])
  func matchesPyTorch(_ name: String) throws {
    try PluginReference<PSPNet>.load("pspnet", from: .module).check(name)
  }

  @Test func smallestImage() throws {
    let graph = try PSPNet.graph(.init())
    let value = try #require(graph.endpoints["masks"])
    let shapes = try graph.shapes(inputs: ["image": [3, 3, 41, 44]])
    #expect(shapes[value.index] == [3, 14, 41, 44])
    let error = #expect(throws: GraphError.self) {
      _ = try graph.shapes(inputs: ["image": [1, 3, 40, 44]])
    }
    #expect(
      error?.description
        == "pyramid_pooling.path_module_list.0.pool (gridPooling): a 5×6 map has too few pixels for "
        + "a grid of 6×6")
  }
}
