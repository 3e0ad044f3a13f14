import PluginTestSupport
import Testing
import VQGANPlugin

/// VQ-GANs of several sizes against PyTorch, at every endpoint.
///
/// In these cases the nearest code of every place is nearer than any other by more than a hundred
/// times what rounding amounts to, so that a single other code is a fault; the generator checks that.
/// Where two codes are nearly as near, no two programs need agree.
struct VQGANParityTests {
  @Test(arguments: ["32fold", "64fold", "odd", "without-convolutions", "one-level"])
  func matchesPyTorch(_ name: String) throws {
    try PluginReference<VQGAN>.load("vqgan", from: .module).check(name)
  }
}
