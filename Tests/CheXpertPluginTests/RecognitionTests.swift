import CheXpertPlugin
import DenseNetPlugin
import GraphIR
import ModelKit
import Testing

/// Ensembles recognised by names and shapes alone, and the names of upstream's archive.
struct RecognitionTests {
  static let small = CheXpert.Configuration(
    initialFeatures: 4, growthRate: 2, blocks: [1, 1], bottleneckFactor: 2, members: 2)

  private func shapes(_ configuration: CheXpert.Configuration) throws -> [String: Shape] {
    let parameters = try CheXpert.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: [Self.small, CheXpert.Configuration(members: 1), CheXpert.Configuration()])
  func byItsTensors(_ configuration: CheXpert.Configuration) throws {
    let tensors = try shapes(configuration)
    #expect(CheXpert.recognize(tensors) == configuration)
    #expect(DenseNet.recognize(tensors) == nil)
  }

  @Test func classifiersHaveTheRowsOfTheirFindings() throws {
    let tensors = try shapes(.init())
    #expect(tensors.count == 90 * (120 + 4 * 121 + 2))
    #expect(tensors["ones.29.classifier.weight"] == [2, 1024])
    #expect(tensors["3-class.0.classifier.weight"] == [6, 1024])
    #expect(tensors["self-train.7.classifier.bias"] == [1])
    #expect(tensors["3-class.12.features.conv0.weight"] == [64, 3, 7, 7])
  }

  @Test(arguments: [
    "ones.0.classifier.weight", "3-class.0.classifier.weight", "self-train.0.classifier.weight",
    "ones.0.features.conv0.weight",
  ])
  func notWithout(_ name: String) throws {
    var tensors = try shapes(Self.small)
    tensors[name] = nil
    #expect(CheXpert.recognize(tensors) == nil)
  }

  @Test func nothingAndOthers() throws {
    #expect(CheXpert.recognize([:]) == nil)
    let densenet = try DenseNet.graph(.init()).parameters.map { ($0.name, $0.shape) }
    #expect(CheXpert.recognize(Dictionary(uniqueKeysWithValues: densenet)) == nil)
  }

  static let saved = "saved/DenseNet121_320_1e-04_uncertainty_"

  /// Places in upstream's `predict_configs.json`.
  @Test(arguments: [
    ("ones_top10/iter_336000", "ones.0"), ("ones_top10_2/iter_336000", "ones.11"),
    ("ones_top10_3/iter_192000", "ones.29"), ("3-class_top10/iter_652800", "3-class.0"),
    ("3-class_top10_3/iter_134400", "3-class.20"), ("self-train_top10/iter_523200", "self-train.9"),
    ("self-train_top10_2/iter_571200", "self-train.10"),
  ])
  func membersOfTheArchive(_ member: String, _ name: String) {
    for folder in [Self.saved, "outer/" + Self.saved, String(Self.saved.dropFirst(6))] {
      let path = folder + member
      #expect(
        CheXpert.role(ofKey: path + "/features.norm5.weight")
          == .parameter(name + ".features.norm5.weight"))
      #expect(
        CheXpert.role(ofKey: path + "/features.norm5.num_batches_tracked") == .ignored)
      let group = name.split(separator: ".")[0]
      let entries =
        ["ones": ["Atelectasis", "Edema"], "3-class": ["Cardiomegaly", "Pleural Effusion"]][group]
        ?? ["Consolidation"]
      #expect(
        CheXpert.role(ofKey: path + "/classifier.bias")
          == .rows(
            of: name + ".classifier.bias",
            RowSelection(
              table: path + "/task_sequence", entries: entries, width: group == "3-class" ? 3 : 1)))
    }
  }

  /// Ninety members, each a number of its own.
  @Test func everyMemberHasOnePlace() {
    var names = Set<String>()
    for group in ["ones", "3-class", "self-train"] {
      for run in ["_top10", "_top10_2", "_top10_3"] {
        for iteration in stride(from: 0, through: 700_000, by: 4800) {
          let key = Self.saved + group + run + "/iter_\(iteration)/features.norm5.bias"
          if case .parameter(let name) = CheXpert.role(ofKey: key) {
            #expect(names.insert(name).inserted)
          }
        }
      }
    }
    let all = ["ones", "3-class", "self-train"].flatMap { group in
      (0..<30).map { "\(group).\($0).features.norm5.bias" }
    }
    #expect(names == Set(all))
  }

  @Test(arguments: [
    // A checkpoint of a published run that upstream does not use.
    (Self.saved + "ones_top10/iter_1/features.norm5.weight", KeyRole.ignored),
    (Self.saved + "zeros_top10/iter_336000/features.norm5.weight", .unknown),
    ("ones/0/features.norm5.weight", .parameter("ones.0.features.norm5.weight")),
    ("a/3-class/12/features.norm5.weight", .parameter("3-class.12.features.norm5.weight")),
    ("ones/00/features.norm5.weight", .unknown), ("ones/-1/features.norm5.weight", .unknown),
    ("ones/+1/features.norm5.weight", .unknown), ("ones/0/op_threshs", .operatingPoints),
    ("ones/99999999999999999999/features.norm5.weight", .unknown),
    ("ones/0/layer1.weight", .unknown), ("ones/0/", .unknown), ("//", .unknown),
    ("ones.0.classifier.weight", .parameter("ones.0.classifier.weight")),
    ("self-train.3.features.norm0.num_batches_tracked", .ignored),
    ("two.0.classifier.weight", .unknown), ("ones.x.classifier.weight", .unknown),
    ("ones..classifier.weight", .unknown), ("ones.0", .unknown), ("", .unknown),
    ("features.conv0.weight", .unknown), ("classifier.weight", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(CheXpert.role(ofKey: key) == role)
  }
}
