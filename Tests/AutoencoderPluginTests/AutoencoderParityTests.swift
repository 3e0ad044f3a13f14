import AutoencoderPlugin
import PluginTestSupport
import Testing

/// Both published depths and an odd one against PyTorch, at every endpoint.
struct AutoencoderParityTests {
  @Test(arguments: ["101", "50", "odd"])
  func matchesPyTorch(_ name: String) throws {
    try PluginReference<ResNetAutoencoder>.load("autoencoder", from: .module).check(name)
  }
}
