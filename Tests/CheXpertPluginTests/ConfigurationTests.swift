import CheXpertPlugin
import GraphIR
import ModelKit
import Testing

/// Configurations that make no ensemble, and smaller ensembles.
struct ConfigurationTests {
  static let hostile: [(CheXpert.Configuration, String)] = [
    (.init(members: 0), "members is 0, must be from 1 to 128"),
    (.init(members: -1), "members is -1, must be from 1 to 128"),
    (.init(members: .max), "members is \(Int.max), must be from 1 to 128"),
    (.init(members: .min), "members is \(Int.min), must be from 1 to 128"),
    (
      .init(blocks: [100], members: 110),
      "members is 110, must be at most 109 for networks of 100 layers"
    ),
    (
      .init(blocks: [1000], members: 11),
      "members is 11, must be at most 10 for networks of 1000 layers"
    ),
    (.init(inputChannels: 0), "inputChannels is 0, must be from 1 to 1024"),
    (.init(growthRate: -3), "growthRate is -3, must be from 1 to 65536"),
    (
      .init(blocks: [.max, .max]),
      "blocks is [\(Int.max), \(Int.max)], must be layer counts of 1 or more, at most 1024 together"
    ),
    (.init(blocks: []), "blocks is [], must be layer counts of 1 or more, at most 1024 together"),
  ]

  @Test(arguments: hostile)
  func isRefused(_ configuration: CheXpert.Configuration, _ fact: String) {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try CheXpert.graph(configuration)
    }
    #expect(error?.description == "the configuration's \(fact)")
  }

  @Test func fewerMembers() throws {
    #expect(try CheXpert.ensemble(of: 1, from: .init()) == .init(members: 1))
    #expect(try CheXpert.ensemble(of: 30, from: .init()) == .init())
    for members in [0, -1, 31, Int.max] {
      let error = #expect(throws: ConfigurationError.self) {
        _ = try CheXpert.ensemble(of: members, from: .init())
      }
      #expect(
        error?.description == "the configuration's members is \(members), must be from 1 to 30")
    }
    #expect(throws: ConfigurationError.self) {
      _ = try CheXpert.ensemble(of: 1, from: .init(members: .min))
    }
  }
}
