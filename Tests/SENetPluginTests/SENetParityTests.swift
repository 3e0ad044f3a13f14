import Foundation
import GraphIR
import PluginTestSupport
import SENetPlugin
import Testing

/// SENet-154 and odd ones with fastai's head against PyTorch, at both endpoints.
struct SENetParityTests {
  @Test(arguments: ["senet154", "senet154-small", "odd", "odd-smallest", "wide"])
  func matchesPyTorch(_ name: String) throws {
    try PluginReference<SENet>.load("senet", from: .module).check(name) { name, weight in
      // As the generator does: fifty blocks of such weights are otherwise beyond float32.
      guard name.hasSuffix(".bn3.weight"), name.hasPrefix("layer"), !name.hasPrefix("layer0."),
        let values = weight.floats()
      else { return weight }
      return Tensor(shape: weight.shape, values.map { $0 / 8 })
    }
  }
}
