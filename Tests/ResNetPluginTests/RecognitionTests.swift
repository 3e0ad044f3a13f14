import GraphIR
import ModelKit
import ResNetPlugin
import Testing

/// ResNets known by the names and shapes of their tensors alone.
struct RecognitionTests {
  static let configurations: [ResNet.Configuration] = [
    .init(),
    .init(inputChannels: 3, classCount: 1000),
    .init(inputChannels: 3, isBottleneck: false, classCount: 2),
    .init(inputChannels: 3, isBottleneck: false, classCount: 3, hasLogSoftmax: true),
    .init(isBottleneck: false, blocks: [2, 2, 2, 2]),
    .init(blocks: [3, 4, 23, 3]),
    .init(blocks: [3, 8, 36, 3], innerWidth: 128),
    .init(blocks: [1, 1], width: 5, innerWidth: 3, classCount: 1),
    .init(isBottleneck: false, blocks: [1, 2, 1, 1, 1], width: 4, innerWidth: 6),
  ]

  private func shapes(_ configuration: ResNet.Configuration) throws -> [String: Shape] {
    let parameters = try ResNet.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: configurations)
  func byItsTensors(_ configuration: ResNet.Configuration) throws {
    #expect(try ResNet.recognize(shapes(configuration)) == configuration)
  }

  /// 1000 rows are 1000 classes, unless somebody knows better.
  @Test func rowsAreClasses() throws {
    var configuration = ResNet.Configuration(classCount: 2, classifierOutputs: 1000)
    let tensors = try shapes(configuration)
    #expect(tensors["fc.weight"] == [1000, 2048])
    #expect(tensors["fc.bias"] == [1000])
    (configuration.classCount, configuration.classifierOutputs) = (1000, nil)
    #expect(ResNet.recognize(tensors) == configuration)
  }

  /// What torchvision lists for a ResNet-50, a ResNet-34, and Emory's head.
  @Test func parameters() throws {
    let fifty = try shapes(.init())
    #expect(fifty.count == 53 + 4 * 53 + 2)
    #expect(fifty.values.reduce(0) { $0 + $1.elementCount } == 23_538_642 + 2 * 26_560)
    #expect(fifty["conv1.weight"] == [64, 1, 7, 7])
    #expect(fifty["layer1.0.downsample.0.weight"] == [256, 64, 1, 1])
    #expect(fifty["layer4.2.conv3.weight"] == [2048, 512, 1, 1])
    #expect(fifty["fc.weight"] == [18, 2048])
    let race = try shapes(
      .init(inputChannels: 3, isBottleneck: false, classCount: 3, hasLogSoftmax: true))
    #expect(race.count == 36 + 4 * 36 + 2)
    #expect(race["layer1.0.downsample.0.weight"] == nil)
    #expect(race["layer2.0.downsample.1.running_var"] == [128])
    #expect(race["fc.0.weight"] == [3, 512])
    #expect(race["fc.weight"] == nil)
  }

  @Test(arguments: [
    "conv1.weight", "layer1.0.conv1.weight", "layer1.0.conv2.weight", "fc.weight",
  ])
  func notWithout(_ name: String) throws {
    var tensors = try shapes(.init())
    for shape: Shape? in [nil, [3], []] {
      tensors[name] = shape
      #expect(ResNet.recognize(tensors) == nil)
    }
  }

  @Test func nothingAndOthers() {
    #expect(ResNet.recognize([:]) == nil)
    #expect(
      ResNet.recognize([
        "features.conv0.weight": [64, 1, 7, 7], "classifier.weight": [18, 1024],
      ]) == nil)
  }

  /// Whatever shapes a file claims, the answer is nil or a configuration that is refused politely.
  @Test(arguments: [0, 1, Int.max, 1 << 40, 65537])
  func absurdShapes(_ extent: Int) {
    let tensors: [String: Shape] = [
      "conv1.weight": [64, 3, 7, 7], "layer1.0.conv1.weight": [64, 64, 1, 1],
      "layer1.0.conv2.weight": [64, 64, 3, 3], "layer1.0.conv3.weight": [256, 64, 1, 1],
      "fc.weight": [10, 256],
    ]
    for (name, shape) in tensors {
      for axis in 0..<2 {
        var (tensors, extents) = (tensors, shape.dimensions)
        extents[axis] = extent
        tensors[name] = Shape(extents)
        guard let configuration = ResNet.recognize(tensors) else { continue }
        do {
          _ = try ResNet.graph(configuration)
          _ = try ResNet.graph(configuration, channels: 1)
        } catch {
          #expect(error is ConfigurationError)
        }
      }
    }
  }

  /// Numbers of stages and blocks that leave gaps are not gone through.
  @Test(arguments: ["9", "1025", "9223372036854775807", "99999999999999999999"])
  func absurdNumbers(_ number: String) throws {
    var tensors = try shapes(.init())
    tensors["layer\(number).0.conv1.weight"] = [1, 1, 1, 1]
    tensors["layer1.\(number).conv1.weight"] = [1, 1, 1, 1]
    #expect(ResNet.recognize(tensors) == .init())
  }

  /// As the files of `resnet50-res512-all`, Emory, MIRA and torchxrayvision's modules spell them.
  @Test(arguments: [
    ("conv1.weight", KeyRole.parameter("conv1.weight")),
    ("module.fc.0.bias", .parameter("fc.0.bias")),
    ("model.layer1.0.downsample.1.running_mean", .parameter("layer1.0.downsample.1.running_mean")),
    ("module.model.fc.weight", .parameter("fc.weight")),
    ("model.module.bn1.weight", .parameter("bn1.weight")),
    ("model.bn1.num_batches_tracked", .ignored),
    ("layer4.2.bn3.num_batches_tracked", .ignored),
    ("op_threshs", .operatingPoints),
    ("", .unknown), ("fc", .unknown), ("model.", .unknown), ("model.fc", .unknown),
    ("layer.0.conv1.weight", .unknown), ("layers1.0.conv1.weight", .unknown),
    ("features.conv0.weight", .unknown), ("module.module.module.module.module.fc.weight", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(ResNet.role(ofKey: key) == role)
  }
}
