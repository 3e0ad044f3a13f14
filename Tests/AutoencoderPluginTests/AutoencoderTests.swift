import AutoencoderPlugin
import GraphIR
import GraphRuntime
import ModelKit
import TestSupport
import Testing

/// Autoencoders known by their tensors, and configurations that make none.
struct AutoencoderTests {
  private func shapes(_ configuration: ResNetAutoencoder.Configuration) throws -> [String: Shape] {
    let parameters = try ResNetAutoencoder.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: [[3, 4, 23, 2], [3, 4, 6, 3], [1, 1, 1, 1], [2, 1, 5, 7]])
  func byItsTensors(_ blocks: [Int]) throws {
    var tensors = try shapes(.init(blocks: blocks))
    tensors["layer1.0.bn1.num_batches_tracked"] = []
    #expect(ResNetAutoencoder.recognize(tensors) == .init(blocks: blocks))
  }

  /// What torchxrayvision's `ResNetAE101().state_dict()` lists: 1231 tensors with the counters of the
  /// batch norms, and 31,120,448 trained numbers.
  @Test func parametersOf101() throws {
    let tensors = try shapes(.init())
    let norms = tensors.keys.count { $0.hasSuffix(".running_var") }
    #expect(tensors.count + norms == 1231)
    let trained = tensors.filter { !$0.key.contains(".running_") }
    #expect(trained.values.reduce(0) { $0 + $1.elementCount } == 31_120_448)
    #expect(tensors["layer4.0.downsample.0.weight"] == [512, 1024, 1, 1])
    #expect(tensors["uplayer1.1.upsample.0.weight"] == [512, 256, 1, 1])
    #expect(tensors["uplayer1.1.conv2.weight"] == [128, 128, 3, 3])
    #expect(tensors["uplayer_top.conv3.weight"] == [64, 64, 1, 1])
    #expect(tensors["conv1_1.weight"] == [64, 1, 1, 1])
  }

  @Test(arguments: [
    "uplayer_top.conv1.weight", "conv1_1.weight", "layer1.0.conv1.weight",
    "layer4.0.conv1.weight",
  ])
  func notWithout(_ name: String) throws {
    var tensors = try shapes(.init())
    tensors[name] = nil
    #expect(ResNetAutoencoder.recognize(tensors) == nil)
  }

  @Test func nothingAndOthers() {
    #expect(ResNetAutoencoder.recognize([:]) == nil)
    let resnet: [String: Shape] = [
      "conv1.weight": [64, 3, 7, 7], "layer1.0.conv1.weight": [64, 64, 1, 1],
      "layer2.0.conv1.weight": [128, 256, 1, 1], "layer3.0.conv1.weight": [256, 512, 1, 1],
      "layer4.0.conv1.weight": [512, 1024, 1, 1], "fc.weight": [1000, 2048],
    ]
    #expect(ResNetAutoencoder.recognize(resnet) == nil)
  }

  @Test(arguments: [
    ("conv1.weight", KeyRole.parameter("conv1.weight")),
    ("bn1.running_mean", .parameter("bn1.running_mean")),
    ("layer3.22.conv2.weight", .parameter("layer3.22.conv2.weight")),
    ("uplayer4.2.upsample.1.bias", .parameter("uplayer4.2.upsample.1.bias")),
    ("uplayer_top.upsample.0.weight", .parameter("uplayer_top.upsample.0.weight")),
    ("conv1_1.weight", .parameter("conv1_1.weight")),
    ("layer1.0.bn1.num_batches_tracked", .ignored),
    ("fc.weight", .unknown), ("layer5.0.conv1.weight", .unknown), ("uplayer.0", .unknown),
    ("features.conv0.weight", .unknown), ("", .unknown), (".", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(ResNetAutoencoder.role(ofKey: key) == role)
  }

  @Test(
    arguments: [
      ([], "[]"), ([3, 4, 6], "[3, 4, 6]"), ([3, 4, 6, 3, 1], "[3, 4, 6, 3, 1]"),
      ([3, 0, 6, 3], "[3, 0, 6, 3]"), ([3, 4, -6, 3], "[3, 4, -6, 3]"),
      ([3, 4, 257, 3], "[3, 4, 257, 3]"), ([.max, 1, 1, .min], "[\(Int.max), 1, 1, \(Int.min)]"),
      (Array(repeating: 1, count: 17), "17 long"),
    ] as [([Int], String)])
  func isRefused(_ blocks: [Int], _ words: String) {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try ResNetAutoencoder.graph(.init(blocks: blocks))
    }
    #expect(
      error?.description
        == "the configuration's blocks is \(words), must be four numbers from 1 to 256")
  }

  /// The sizes that come back, and some that do not.
  @Test(arguments: [
    (32, 32), (128, 128), (224, 224), (320, 320), (64, 32), (200, 224), (256, 224), (225, 224),
  ])
  func sizeOfTheReconstruction(_ side: Int, _ made: Int) throws {
    let graph = try ResNetAutoencoder.graph(.init())
    let shapes = try graph.shapes(inputs: ["image": [1, 1, side, side]])
    let value = try #require(graph.endpoints["reconstruction"])
    #expect(shapes[value.index] == [1, 1, made, made])
  }
}
