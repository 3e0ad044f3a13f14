import GraphIR
import ModelKit
import Testing

/// The facts that users depend on, as torchxrayvision 1.5.7 states them.
@Suite struct ShippedManifestTests {
  private static let prefix = "https://github.com/mlmed/torchxrayvision/releases/download/v1/"
  private static let suffix = "-densenet121-d121-tw-lr001-rot45-tr15-sc15-seed0-best.pt"

  struct Published: Sendable {
    let alias: String
    let file: String
    let labelCount: Int
    var byteCount: Int?
    var sha256: String?
  }

  @Test(arguments: [
    Published(
      alias: "all", file: "nih-pc-chex-mimic_ch-google-openi-kaggle", labelCount: 18,
      byteCount: 28_382_008,
      sha256: "56524913dd16a906422e8d8b66a7a5c46be1d82eb7ac012d8103776f1aa68899"),
    Published(alias: "nih", file: "nih", labelCount: 14),
    Published(alias: "pc", file: "pc", labelCount: 15),
    Published(
      alias: "chex", file: "chex", labelCount: 11, byteCount: 28_381_998,
      sha256: "1a914ae802170187a4852e594708206c12468eeeefd66aa4e8e26141649d61a4"),
    Published(alias: "rsna", file: "kaggle", labelCount: 2),
    Published(alias: "mimic_nb", file: "mimic_nb", labelCount: 11),
    Published(
      alias: "mimic_ch", file: "mimic_ch", labelCount: 11, byteCount: 28_382_012,
      sha256: "23b13a04459684ffa41247d068207a7657b4e1b4dec2b02431f5026bd75b1189"),
  ])
  func published(_ expected: Published) throws {
    let entry = try shippedManifest().entry(named: expected.alias)
    let model = entry.model
    #expect(entry.name == "densenet121-res224-\(expected.alias)")
    #expect(entry.aliases == [expected.alias])
    #expect(entry.source.kind == .pytorchLegacy)
    #expect(entry.source.url == Self.prefix + expected.file + Self.suffix)
    #expect(entry.source.byteCount == expected.byteCount)
    #expect(entry.source.sha256 == expected.sha256)
    #expect(entry.architecture.id == "densenet")
    #expect(
      entry.architecture.configuration
        == .object([
          "inputChannels": .integer(1), "initialFeatures": .integer(64),
          "growthRate": .integer(32), "bottleneckFactor": .integer(4), "classCount": .integer(18),
          "blocks": .array([.integer(6), .integer(12), .integer(24), .integer(16)]),
        ]))
    #expect(try model.input == InputSpecification(resolution: 224))
    #expect(model.outputActivation == .sigmoid)
    #expect(model.labels.count == 18)
    #expect(model.labels.names.count == expected.labelCount)
    // An output has an operating point where it has a label.
    #expect(model.operatingPoints?.map { $0 == nil } == model.labels.outputs.map { $0 == nil })
    #expect(model.intendedUse.contains("Not for diagnosis"))
    #expect(!model.citations.isEmpty && !model.licence.isEmpty)
  }

  @Test func numbersOfTwoModels() throws {
    let manifest = try shippedManifest()
    #expect(
      try manifest.entry(named: "all").model.operatingPoints
        == [
          0.07422872, 0.038290843, 0.09814756, 0.0098118475, 0.023601074, 0.0022490358,
          0.010060724, 0.103246614, 0.056810737, 0.026791653, 0.050318155, 0.023985857, 0.01939503,
          0.042889766, 0.053369623, 0.035975814, 0.20204692, 0.05015312,
        ])
    let rsna = try manifest.entry(named: "rsna").model
    #expect(rsna.labels.names == ["Pneumonia", "Lung Opacity"])
    #expect(try rsna.labels.index(of: "Pneumonia") == 8)
    #expect(try rsna.labels.index(of: "Lung Opacity") == 16)
    #expect(rsna.operatingPoints?[8] == 0.13486601)
    #expect(rsna.operatingPoints?[16] == 0.13511065)
  }

  /// As torchxrayvision's `riken.AgeModel` has it.
  @Test func ageModel() throws {
    let entry = try shippedManifest().entry(named: "age")
    let model = entry.model
    #expect(entry.name == "riken-age" && entry.aliases == ["riken", "age"])
    #expect(entry.architecture.id == "senet")
    #expect(entry.source.kind == .torchScript)
    #expect(
      entry.source.url
        == Self.prefix
        + "baseline_models_riken_xray_age_every_model_age_senet154_v2_tl_26_ft_7_fp32.pt")
    #expect(
      try model.input == InputSpecification(resolution: 320, channels: 3, scaling: .imageNet))
    #expect(model.labels.outputs == ["Age"])
    #expect(model.unit == "years" && model.outputActivation == .none)
    #expect(model.operatingPoints == nil)
    #expect(model.notice?.contains("research only") == true)
    #expect(model.intendedUse.contains("Not for diagnosis"))
  }

  @Test func orderOfTheList() throws {
    #expect(
      try shippedManifest().entries.flatMap(\.aliases)
        == [
          "demonstration", "all", "nih", "pc", "chex", "rsna", "mimic_nb", "mimic_ch", "riken",
          "age",
        ])
  }
}
