import DenseNetPlugin
import GraphIR
import JFHealthcarePlugin
import ModelKit
import Testing

/// Networks recognised by names and shapes alone.
struct RecognitionTests {
  typealias Configuration = JFHealthcare.Configuration

  private func shapes(_ configuration: Configuration) throws -> [String: Shape] {
    let parameters = try JFHealthcare.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  /// The modules that upstream makes for a network of 1024 maps, used or not.
  static let unused: [String: Shape] = [
    "attention_map.channel_attention.fc1.weight": [512, 1024],
    "attention_map.channel_attention.fc1.bias": [512],
    "attention_map.channel_attention.fc2.weight": [1024, 512],
    "attention_map.channel_attention.fc2.bias": [1024],
    "attention_map.spatial_attention.gamma": [1],
    "attention_map.spatial_attention.conv1.weight": [128, 1024, 1, 1],
    "attention_map.spatial_attention.conv1.bias": [128],
  ]

  @Test(arguments: [
    Configuration(),
    Configuration(inputChannels: 1, headClasses: [2, 1, 7], pool: .averageMaximumAndLSE),
    Configuration(initialFeatures: 10, growthRate: 7, blocks: [2, 3], bottleneckFactor: 2),
  ])
  func byItsTensors(_ configuration: Configuration) throws {
    let tensors = try shapes(configuration)
    #expect(JFHealthcare.recognize(tensors) == configuration)
    #expect(DenseNet.recognize(tensors) == nil)
    let all = tensors.merging(Self.unused) { own, _ in own }
    #expect(JFHealthcare.recognize(all) == configuration)
  }

  /// Names and shapes of the published file, counted from upstream's class: 829 tensors, of which
  /// 134 count batches.
  @Test func parametersOfThePublishedNetwork() throws {
    let tensors = try shapes(.init())
    let ignored = 134 + 2 + (4 + 7)
    #expect(tensors.count + ignored == 829)
    #expect(tensors["backbone.features.conv0.weight"] == [64, 3, 7, 7])
    #expect(tensors["fc_4.weight"] == [1, 2048, 1, 1])
    #expect(tensors["bn_0.running_var"] == [2048])
    let pyramid = "attention_map.pyramid_attention."
    #expect(tensors[pyramid + "gap_branch.1.conv.0.weight"] == [1024, 1024, 1, 1])
    #expect(tensors[pyramid + "downsample1.conv.0.weight"] == [1, 1024, 7, 7])
    #expect(tensors[pyramid + "scale2.conv.1.running_mean"] == [1])
    #expect(tensors["attention_map.channel_attention.fc1.weight"] == nil)
  }

  /// Six pools give one number a map: none of them is guessed.
  @Test func headsOfOneNumberAMapDiffer() throws {
    let configuration = Configuration(pool: .classActivation)
    let recognized = try #require(JFHealthcare.recognize(shapes(configuration)))
    #expect(recognized == Configuration())
    #expect(try shapes(recognized)["fc_0.weight"] != shapes(configuration)["fc_0.weight"])
  }

  @Test(arguments: [
    "backbone.features.conv0.weight", "backbone.features.norm5.weight", "fc_0.weight",
  ])
  func notWithout(_ name: String) throws {
    var tensors = try shapes(.init())
    tensors[name] = nil
    #expect(JFHealthcare.recognize(tensors) == nil)
    tensors[name] = []
    #expect(JFHealthcare.recognize(tensors) == nil)
  }

  @Test func nothingAndOthers() throws {
    #expect(JFHealthcare.recognize([:]) == nil)
    let densenet = try DenseNet.graph(.init()).parameters.map { ($0.name, $0.shape) }
    #expect(JFHealthcare.recognize(Dictionary(uniqueKeysWithValues: densenet)) == nil)
  }

  /// Whatever shapes a file claims, the answer is nil or a configuration that is refused politely.
  @Test(arguments: [0, 1, Int.max, 1 << 40, 65537])
  func absurdShapes(_ extent: Int) throws {
    let small = try shapes(.init(initialFeatures: 4, growthRate: 2, blocks: [1, 1]))
    for name in ["backbone.features.conv0.weight", "backbone.features.norm5.weight", "fc_0.weight"]
    {
      for axis in 0..<(small[name]?.count ?? 0) {
        var tensors = small
        guard var extents = tensors[name]?.dimensions else { continue }
        extents[axis] = extent
        tensors[name] = Shape(extents)
        guard let configuration = JFHealthcare.recognize(tensors) else { continue }
        do { _ = try JFHealthcare.graph(configuration) } catch {
          #expect(error is ConfigurationError)
        }
      }
    }
  }

  @Test(arguments: [
    ("backbone.features.conv0.weight", KeyRole.parameter("backbone.features.conv0.weight")),
    (
      "backbone.features.denseblock1.denselayer2.norm.1.weight",
      .parameter("backbone.features.denseblock1.denselayer2.norm1.weight")
    ),
    ("backbone.features.norm0.num_batches_tracked", .ignored),
    ("backbone.classifier.weight", .ignored), ("backbone.op_threshs", .unknown),
    ("fc_3.bias", .parameter("fc_3.bias")), ("bn_0.weight", .parameter("bn_0.weight")),
    ("bn_0.num_batches_tracked", .ignored),
    (
      "attention_map.pyramid_attention.scale1.conv.0.bias",
      .parameter("attention_map.pyramid_attention.scale1.conv.0.bias")
    ),
    ("features.conv0.weight", .unknown), ("classifier.weight", .unknown), ("", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(JFHealthcare.role(ofKey: key) == role)
  }

  @Test func whatAConfigurationLeavesOut() {
    func ignored(_ configuration: Configuration) -> [String] {
      ["bn_0.weight", "fc_0.weight"].filter { JFHealthcare.ignores($0, in: configuration) }
        + ["channel", "spatial", "pyramid"].filter {
          JFHealthcare.ignores("attention_map.\($0)_attention.x", in: configuration)
        }
    }
    #expect(ignored(.init()) == ["channel", "spatial"])
    #expect(ignored(.init(attention: .channel)) == ["spatial", "pyramid"])
    #expect(
      ignored(.init(attention: .none, normalizesHeads: false))
        == ["bn_0.weight", "channel", "spatial", "pyramid"])
  }
}
