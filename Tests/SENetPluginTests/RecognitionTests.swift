import GraphIR
import ModelKit
import SENetPlugin
import Testing

/// SENets known by the names and shapes of their tensors alone.
struct RecognitionTests {
  static let configurations: [SENet.Configuration] = [
    .init(),
    .init(inputChannels: 1, blocks: [1, 2, 1, 1], groups: 32, reduction: 48, headFeatures: 7),
    .init(
      stemFeatures: 5, initialFeatures: 24, baseFeatures: 6, blocks: [2, 1], groups: 3,
      reduction: 4, headFeatures: 9, outputCount: 4),
    .init(initialFeatures: 256, blocks: [1], groups: 1),
  ]

  private func shapes(_ configuration: SENet.Configuration) throws -> [String: Shape] {
    let parameters = try SENet.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: configurations)
  func byItsTensors(_ configuration: SENet.Configuration) throws {
    #expect(SENet.recognize(try shapes(configuration)) == configuration)
  }

  /// What PyTorch counts for the body of `legacy_senet154` and for fastai's head.
  @Test func parametersOfSENet154() throws {
    let tensors = try shapes(.init())
    let blocks = 3 + 8 + 36 + 3
    let convolutions = 3 + 3 * blocks + 4
    // A weight and four vectors each; four tensors for squeeze-and-excitation; the head's twelve.
    #expect(tensors.count == 5 * convolutions + 4 * blocks + 12)
    #expect(tensors["layer0.conv3.weight"] == [128, 64, 3, 3])
    #expect(tensors["layer1.0.downsample.0.weight"] == [256, 128, 1, 1])
    #expect(tensors["layer2.0.downsample.0.weight"] == [512, 256, 3, 3])
    #expect(tensors["layer3.35.conv2.weight"] == [1024, 8, 3, 3])
    #expect(tensors["layer4.2.se_module.fc1.weight"] == [128, 2048, 1, 1])
    #expect(tensors["head.bn1.running_var"] == [4096])
    #expect(tensors["head.fc2.weight"] == [1, 512])
  }

  static let essential = [
    "layer0.conv1.weight", "layer0.conv3.weight", "layer1.0.conv1.weight",
    "layer1.0.conv2.weight", "layer4.0.se_module.fc1.weight", "head.fc1.weight",
    "head.fc2.weight",
  ]

  @Test(arguments: essential)
  func notWithout(_ name: String) throws {
    for shape in [nil, [3], [], [0, 0, 0, 0], [0, 0]] as [Shape?] {
      var tensors = try shapes(.init())
      tensors[name] = shape
      #expect(SENet.recognize(tensors) == nil)
    }
  }

  @Test func nothingAndOthers() {
    #expect(SENet.recognize([:]) == nil)
    #expect(SENet.recognize(["features.conv0.weight": [64, 1, 7, 7]]) == nil)
  }

  /// Whatever shapes a file claims, the answer is nil or a configuration that is refused politely.
  @Test(arguments: [1, Int.max, 1 << 40, 65537])
  func absurdShapes(_ extent: Int) throws {
    for name in Self.essential {
      for axis in 0..<4 {
        var tensors = try shapes(.init())
        guard var extents = tensors[name]?.dimensions, axis < extents.count else { continue }
        extents[axis] = extent
        tensors[name] = Shape(extents)
        guard let configuration = SENet.recognize(tensors) else { continue }
        do { _ = try SENet.graph(configuration) } catch { #expect(error is ConfigurationError) }
      }
    }
  }

  @Test(arguments: [
    ("0.0.conv1.weight", KeyRole.parameter("layer0.conv1.weight")),
    ("0.3.35.se_module.fc1.bias", .parameter("layer3.35.se_module.fc1.bias")),
    ("0.2.0.downsample.1.running_var", .parameter("layer2.0.downsample.1.running_var")),
    ("1.2.running_mean", .parameter("head.bn1.running_mean")),
    ("1.4.weight", .parameter("head.fc1.weight")),
    ("1.6.bias", .parameter("head.bn2.bias")),
    ("1.8.bias", .parameter("head.fc2.bias")),
    ("layer3.0.conv1.weight", .parameter("layer3.0.conv1.weight")),
    ("head.fc2.weight", .parameter("head.fc2.weight")),
    ("1.2.num_batches_tracked", .ignored), ("0.0.bn1.num_batches_tracked", .ignored),
    ("1.9.weight", .unknown), ("1.3.weight", .unknown), ("2.0.conv1.weight", .unknown),
    ("", .unknown), ("0", .unknown), ("0.", .unknown), ("0..x", .unknown), ("0.x.y", .unknown),
    ("last_linear.weight", .unknown), ("layer.0.conv1.weight", .unknown),
    ("layer٣.0.conv1.weight", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(SENet.role(ofKey: key) == role)
  }
}
