import CheXpertPlugin
import Foundation
import PluginTestSupport
import Testing

/// Small ensembles, and one of full-size networks, against upstream's classes.
struct CheXpertParityTests {
  @Test(arguments: ["densenet121", "small", "small-3"])
  func matchesPyTorch(_ name: String) throws {
    let reference = try PluginReference<CheXpert>.load("chexpert", from: .module)
    try reference.check(name)
    #expect(reference.cases.count == 3)
  }
}
