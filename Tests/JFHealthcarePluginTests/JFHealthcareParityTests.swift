import Foundation
import JFHealthcarePlugin
import PluginTestSupport
import Testing

/// The published network at its resolution, and every pool and attention, against upstream's classes.
struct JFHealthcareParityTests {
  private func reference() throws -> PluginReference<JFHealthcare> {
    try PluginReference.load("jfhealthcare", from: .module)
  }

  @Test(arguments: [
    "published", "small-FPA", "small-FPA-six", "small-CAM", "small-no-norm", "small-LSE-2",
    "small-AVG", "small-MAX", "small-PCAM", "small-AVG_MAX_LSE", "small-EXP", "small-LINEAR",
    "small-LSE",
  ])
  func matchesPyTorch(_ name: String) throws {
    try reference().check(name)
  }

  @Test func everyCaseIsTested() throws {
    #expect(try reference().cases.count == 13)
  }
}
