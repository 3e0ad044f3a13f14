import AnatomyUNetPlugin
import GraphIR
import PluginTestSupport
import Testing

/// The published network at its size and a small one on an odd image against torchxrayvision's
/// module.
struct ParityTests {
  @Test(arguments: ["cxas", "odd"])
  func matchesPyTorch(_ name: String) throws {
    try PluginReference<AnatomyUNet>.load("anatomy_unet", from: .module).check(name)
  }

  @Test func anyImage() throws {
    let graph = try AnatomyUNet.graph(.init())
    let value = try #require(graph.endpoints["masks"])
    let shapes = try graph.shapes(inputs: ["image": [3, 3, 1, 44]])
    #expect(shapes[value.index] == [3, 159, 1, 44])
  }
}
