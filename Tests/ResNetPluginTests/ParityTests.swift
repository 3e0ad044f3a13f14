import Foundation
import PluginTestSupport
import ResNetPlugin
import Testing

/// ResNets of every published depth, with every published head, and an odd one against torchvision,
/// at every endpoint.
struct ParityTests {
  @Test(arguments: [
    "resnet50", "view", "race", "sex", "resnet18", "resnet101", "resnet152", "wide",
  ])
  func matchesPyTorch(_ name: String) throws {
    try PluginReference<ResNet>.load("resnet", from: .module).check(name)
  }
}
