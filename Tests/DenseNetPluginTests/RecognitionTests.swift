import DenseNetPlugin
import GraphIR
import ModelKit
import Testing

/// DenseNets known by the names and shapes of their tensors alone.
struct RecognitionTests {
  static let configurations: [DenseNet.Configuration] = [
    .init(),
    .init(inputChannels: 3, classCount: 1000),
    .init(initialFeatures: 96, growthRate: 48, blocks: [6, 12, 36, 24]),
    .init(blocks: [6, 12, 32, 32], classCount: 14),
    .init(blocks: [6, 12, 48, 32]),
    .init(
      inputChannels: 1, initialFeatures: 10, growthRate: 7, blocks: [2, 3, 1],
      bottleneckFactor: 2, classCount: 1),
    .init(initialFeatures: 3, growthRate: 1, blocks: [1], bottleneckFactor: 1, classCount: 2),
  ]

  private func shapes(_ configuration: DenseNet.Configuration) throws -> [String: Shape] {
    let parameters = try DenseNet.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: configurations)
  func byItsTensors(_ configuration: DenseNet.Configuration) throws {
    var tensors = try shapes(configuration)
    #expect(DenseNet.recognize(tensors) == configuration)
    tensors["features.norm0.num_batches_tracked"] = []
    tensors["op_threshs"] = [18]
    #expect(DenseNet.recognize(tensors) == configuration)
  }

  /// What torch and torchvision list for a DenseNet-121.
  @Test func parametersOfDenseNet121() throws {
    let tensors = try shapes(.init())
    #expect(tensors.count == 120 + 4 * 121 + 2)
    #expect(tensors["features.conv0.weight"] == [64, 1, 7, 7])
    #expect(tensors["features.denseblock4.denselayer16.conv1.weight"] == [128, 992, 1, 1])
    #expect(tensors["features.denseblock4.denselayer16.conv2.weight"] == [32, 128, 3, 3])
    #expect(tensors["features.transition3.conv.weight"] == [512, 1024, 1, 1])
    #expect(tensors["features.norm5.running_var"] == [1024])
    #expect(tensors["classifier.weight"] == [18, 1024])
  }

  @Test(arguments: [
    "features.conv0.weight", "features.denseblock1.denselayer1.conv1.weight",
    "features.denseblock1.denselayer1.conv2.weight", "classifier.weight",
  ])
  func notWithout(_ name: String) throws {
    var tensors = try shapes(.init())
    tensors[name] = nil
    #expect(DenseNet.recognize(tensors) == nil)
    tensors[name] = [3]
    #expect(DenseNet.recognize(tensors) == nil)
    tensors[name] = []
    #expect(DenseNet.recognize(tensors) == nil)
  }

  @Test func nothingAndOthers() {
    #expect(DenseNet.recognize([:]) == nil)
    #expect(DenseNet.recognize(["conv1.weight": [64, 3, 7, 7], "fc.weight": [1000, 512]]) == nil)
  }

  /// Whatever shapes a file claims, the answer is nil or a configuration that is refused politely.
  @Test(arguments: [0, 1, Int.max, 1 << 40, 65537])
  func absurdShapes(_ extent: Int) {
    for name in [
      "features.conv0.weight", "features.denseblock1.denselayer1.conv1.weight",
      "features.denseblock1.denselayer1.conv2.weight", "classifier.weight",
    ] {
      for axis in 0..<2 {
        var tensors: [String: Shape] = [
          "features.conv0.weight": [64, 1, 7, 7],
          "features.denseblock1.denselayer1.conv1.weight": [128, 64, 1, 1],
          "features.denseblock1.denselayer1.conv2.weight": [32, 128, 3, 3],
          "classifier.weight": [18, 96],
        ]
        guard var extents = tensors[name]?.dimensions else { continue }
        extents[axis] = extent
        tensors[name] = Shape(extents)
        guard let configuration = DenseNet.recognize(tensors) else { continue }
        do {
          _ = try DenseNet.graph(configuration)
          _ = try DenseNet.graph(configuration, channels: 1)
        } catch {
          #expect(error is ConfigurationError)
        }
      }
    }
  }

  @Test(arguments: ["0", "1025", "9223372036854775807", "99999999999999999999"])
  func absurdNumbers(_ number: String) throws {
    for name in ["denseblock1.denselayer\(number)", "denseblock\(number).denselayer1"] {
      var tensors = try shapes(.init())
      tensors["features.\(name).conv1.weight"] = [1, 1, 1, 1]
      let configuration = try #require(DenseNet.recognize(tensors))
      do { _ = try DenseNet.graph(configuration) } catch {
        #expect(error is ConfigurationError)
      }
    }
  }

  @Test(arguments: [
    ("features.conv0.weight", KeyRole.parameter("features.conv0.weight")),
    ("classifier.bias", .parameter("classifier.bias")),
    (
      "features.denseblock1.denselayer12.norm.1.weight",
      .parameter("features.denseblock1.denselayer12.norm1.weight")
    ),
    (
      "features.denseblock4.denselayer2.conv.2.weight",
      .parameter("features.denseblock4.denselayer2.conv2.weight")
    ),
    (
      "features.denseblock4.denselayer2.norm2.running_mean",
      .parameter("features.denseblock4.denselayer2.norm2.running_mean")
    ),
    ("features.norm5.num_batches_tracked", .ignored),
    ("features.denseblock1.denselayer1.norm.1.num_batches_tracked", .ignored),
    ("op_threshs", .operatingPoints),
    ("layer1.0.conv1.weight", .unknown), ("", .unknown), ("feature.conv0.weight", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(DenseNet.role(ofKey: key) == role)
  }
}
