import GraphIR
import ModelKit
import Testing

/// The facts of the models on residual networks, as torchxrayvision 1.5.7 states them.
@Suite struct ShippedImageModelsTests {
  private static let prefix = "https://github.com/mlmed/torchxrayvision/releases/download/v1/"
  private static let bytes = try? InputScaling(to: 0...255)

  struct Published: Sendable {
    let name: String
    let file: String
    let architecture: String
    let resolution: Int
    let channels: Int
    let scaling: InputScaling?
    let activation: ModelDescription.Activation
    let labels: [String]
  }

  @Test(arguments: [
    Published(
      name: "resnet50-res512-all", file: "pc-nih-rsna-siim-vin-resnet50-test512-e400-state.pt",
      architecture: "resnet", resolution: 512, channels: 1, scaling: InputScaling.none,
      activation: .sigmoid,
      labels: [
        "Atelectasis", "Consolidation", "Infiltration", "Pneumothorax", "Edema", "Emphysema",
        "Fibrosis", "Effusion", "Pneumonia", "Pleural_Thickening", "Cardiomegaly", "Nodule", "Mass",
        "Hernia", "Lung Lesion", "Fracture", "Lung Opacity", "Enlarged Cardiomediastinum",
      ]),
    Published(
      name: "xinario-view", file: "xinario_chestViewSplit_resnet-50.pt", architecture: "resnet",
      resolution: 224, channels: 3, scaling: .imageNet, activation: .softmax,
      labels: ["Frontal", "Lateral"]),
    Published(
      name: "emory-hiti-race", file: "resnet_race_detection_val-loss_0.157_mimic_public.pt",
      architecture: "resnet", resolution: 320, channels: 3, scaling: .imageNet,
      activation: .softmax, labels: ["Asian", "Black", "White"]),
    Published(
      name: "mira-sex", file: "mira_sex_resnet-all_epoch_13-step_7125.ckpt",
      architecture: "resnet", resolution: 224, channels: 3, scaling: bytes, activation: .softmax,
      labels: ["Male", "Female"]),
    Published(
      name: "chestx-det-pspnet", file: "pspnet_chestxray_best_model_4.pth", architecture: "pspnet",
      resolution: 512, channels: 3, scaling: .imageNet, activation: .sigmoid,
      labels: [
        "Left Clavicle", "Right Clavicle", "Left Scapula", "Right Scapula", "Left Lung",
        "Right Lung", "Left Hilus Pulmonis", "Right Hilus Pulmonis", "Heart", "Aorta",
        "Facies Diaphragmatica", "Mediastinum", "Weasand", "Spine",
      ]),
  ])
  func published(_ expected: Published) throws {
    let entry = try shippedManifest().entry(named: expected.name)
    let model = entry.model
    #expect(entry.source.kind == .pytorchZip)
    #expect(entry.source.url == Self.prefix + expected.file)
    #expect(entry.architecture.id == expected.architecture)
    #expect(model.input.resolution == expected.resolution)
    #expect(model.input.channels == expected.channels)
    #expect(model.input.scaling == expected.scaling)
    #expect(model.outputActivation == expected.activation)
    #expect(model.labels.outputs == expected.labels)
    #expect(!model.citations.isEmpty && !model.licence.isEmpty)
  }

  @Test func publishedDigest() throws {
    let source = try shippedManifest().entry(named: "pspnet").source
    #expect(source.byteCount == 272_988_989)
    #expect(
      source.sha256 == "019b167eac6b729fc1bb92bbbc185fc1730aaa65819f4e3fe718186cadc044fc")
  }

  @Test func anatomy() throws {
    let entry = try shippedManifest().entry(named: "cxas")
    #expect(entry.name == "cxas-unet-resnet50")
    #expect(
      entry.source.url == Self.prefix + "baseline_models_cxas_UNet_ResNet50_default_repack.pth")
    #expect(entry.architecture.id == "anatomy-unet")
    #expect(entry.model.licence.hasPrefix("CC BY-NC-SA 4.0"))
    #expect(entry.model.input.scaling == .imageNet)
    let labels = entry.model.labels
    #expect(labels.count == 159 && labels.names.count == 159)
    for (place, label) in [
      (0, "spine"), (28, "rib_cartilage"), (36, "posterior 12th rib right"), (82, "12th rib"),
      (121, "heart"), (134, "lung"), (158, "breast right"),
    ] { #expect(labels.outputs[place] == label) }
  }

  /// Whoever sees such a number is told what it is for.
  @Test(arguments: ["race", "sex"])
  func sensitive(_ name: String) throws {
    let model = try shippedManifest().entry(named: name).model
    let notice = try #require(model.notice)
    #expect(notice.contains("research only") && notice.contains("never to be used about a patient"))
    #expect(model.intendedUse.contains("authors") && model.intendedUse.contains("Never"))
  }

  @Test func otherOperatingPoints() throws {
    let manifest = try shippedManifest()
    let dense = try manifest.entry(named: "all").model.otherOperatingPoints
    #expect(dense.keys.sorted() == ["ppv80"])
    #expect(dense["ppv80"]?.first == 0.72715247 && dense["ppv80"]?.last == 0.8489876)
    let residual = try manifest.entry(named: "resnet50-res512-all").model
    #expect(
      residual.operatingPoints?[0] == 0.51570356 && residual.operatingPoints?[16] == 0.5138526)
    let precise = try #require(residual.otherOperatingPoints["ppv80"])
    #expect(precise[0] == 0.690908 && precise[16] == 0.7135549)
    for points in [precise, residual.operatingPoints] {
      #expect(points?.indices.filter { points?[$0] == nil } == [14, 17])
    }
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
}
