import Foundation
import GraphIR
import JFHealthcarePlugin
import ModelKit
import Testing

/// Configurations that make no network.
struct ConfigurationTests {
  static let heads = "must be 1 to 256 heads of 1 to 65536 classes"
  static let hostile: [(JFHealthcare.Configuration, String)] = [
    (.init(inputChannels: 0), "inputChannels is 0, must be from 1 to 1024"),
    (.init(growthRate: .max), "growthRate is \(Int.max), must be from 1 to 65536"),
    (.init(blocks: []), "blocks is [], must be layer counts of 1 or more, at most 1024 together"),
    (.init(headClasses: []), "headClasses is [], \(heads)"),
    (.init(headClasses: [1, 0]), "headClasses is [1, 0], \(heads)"),
    (.init(headClasses: [-1]), "headClasses is [-1], \(heads)"),
    (.init(headClasses: [.max]), "headClasses is [\(Int.max)], \(heads)"),
    (.init(headClasses: Array(repeating: 1, count: 257)), "headClasses is 257 long, \(heads)"),
    (.init(lseGamma: 0), "lseGamma is 0.0, must be a positive number"),
    (.init(lseGamma: -.infinity), "lseGamma is -inf, must be a positive number"),
    (.init(lseGamma: .nan), "lseGamma is nan, must be a positive number"),
    (
      .init(headClasses: [1, 2], pool: .classActivation),
      "headClasses is [1, 2], must be 1 for each head where the pool is PCAM"
    ),
  ]

  @Test(arguments: hostile)
  func isRefused(_ configuration: JFHealthcare.Configuration, _ fact: String) {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try JFHealthcare.graph(configuration)
    }
    #expect(error?.description == "the configuration's \(fact)")
  }

  @Test(arguments: [
    ("normalization", "GroupNorm", "must be BatchNorm"),
    ("attention", "SAM", "must be one of None, CAM, FPA"),
    (
      "pool", "AVGMAX", "must be one of AVG, MAX, PCAM, AVG_MAX, AVG_MAX_LSE, EXP, LINEAR, LSE"
    ),
  ])
  func otherWords(_ field: String, _ word: String, _ expected: String) throws {
    let good = try JSONEncoder().encode(JFHealthcare.Configuration())
    var members = try #require(JSONSerialization.jsonObject(with: good) as? [String: Any])
    #expect(
      try JSONDecoder().decode(JFHealthcare.Configuration.self, from: good) == .init())
    members[field] = word
    let bad = try JSONSerialization.data(withJSONObject: members)
    let error = #expect(throws: ConfigurationError.self) {
      _ = try JSONDecoder().decode(JFHealthcare.Configuration.self, from: bad)
    }
    #expect(error?.description == "the configuration's \(field) is \"\(word)\", \(expected)")
  }

  /// A map that a quarter of does not fit the coarsest scale, and one that has no quarter.
  @Test(arguments: [(56, "scale"), (12, "upsample3")])
  func sizesThatUpstreamTakesNeither(_ side: Int, _ place: String) throws {
    let graph = try JFHealthcare.graph(
      .init(initialFeatures: 4, growthRate: 2, blocks: [1, 1], headClasses: [1]))
    let error = #expect(throws: GraphError.self) {
      _ = try graph.shapes(inputs: ["image": [1, 3, side, side]])
    }
    #expect(error?.description.contains("attention_map.pyramid_attention.") == true)
  }
}
