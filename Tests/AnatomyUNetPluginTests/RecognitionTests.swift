import AnatomyUNetPlugin
import GraphIR
import ModelKit
import Testing

/// U-Nets known by the names and shapes of their tensors alone, and configurations that make none.
struct RecognitionTests {
  private func shapes(_ configuration: AnatomyUNet.Configuration) throws -> [String: Shape] {
    let parameters = try AnatomyUNet.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: [
    AnatomyUNet.Configuration(), .init(blocks: [3, 4, 23, 3], classCount: 5),
    .init(blocks: [1, 1, 1, 1], classCount: 1),
  ])
  func byItsTensors(_ configuration: AnatomyUNet.Configuration) throws {
    let tensors = try shapes(configuration)
    #expect(AnatomyUNet.recognize(tensors) == configuration)
    for name in tensors.keys { #expect(AnatomyUNet.role(ofKey: name) == .parameter(name)) }
  }

  /// What torchxrayvision lists, without counters.
  @Test func parameters() throws {
    let tensors = try shapes(.init())
    // The backbone's without its classifier; 9 convolutions with bias and batch norm; the last.
    #expect(tensors.count == 53 * 5 + 9 * 6 + 2)
    #expect(tensors["backbone.conv1.weight"] == [64, 3, 7, 7])
    #expect(tensors["head.up1.conv1.conv.0.weight"] == [1024, 2048, 3, 3])
    #expect(tensors["head.up1.conv2.double_conv.0.weight"] == [1024, 2048, 3, 3])
    #expect(tensors["head.up3.conv.double_conv.3.weight"] == [64, 256, 3, 3])
    #expect(tensors["head.up4.conv.double_conv.4.running_var"] == [128])
    #expect(tensors["head.out.conv.weight"] == [159, 128, 1, 1])
  }

  @Test(arguments: ["head.out.conv.weight", "backbone.conv1.weight"])
  func notWithout(_ name: String) throws {
    var tensors = try shapes(.init())
    tensors[name] = nil
    #expect(AnatomyUNet.recognize(tensors) == nil)
    #expect(AnatomyUNet.recognize([:]) == nil)
  }

  @Test(arguments: [[], [1], [0, 1, 1, 1], [.max, 1, 1, 1]])
  func absurdShapes(_ extents: [Int]) throws {
    var tensors = try shapes(.init())
    tensors["head.out.conv.weight"] = Shape(extents)
    guard let configuration = AnatomyUNet.recognize(tensors) else { return }
    #expect(throws: ConfigurationError.self) { _ = try AnatomyUNet.graph(configuration) }
  }

  @Test(arguments: [
    ("backbone.layer0.0.weight", KeyRole.parameter("backbone.conv1.weight")),
    ("backbone.backbone.layer0.0.weight", .parameter("backbone.conv1.weight")),
    ("module.backbone.layer0.1.running_var", .parameter("backbone.bn1.running_var")),
    (
      "model.backbone.backbone.layer3.5.conv2.weight",
      .parameter("backbone.layer3.5.conv2.weight")
    ),
    (
      "net.backbone.layer1.0.downsample.1.bias", .parameter("backbone.layer1.0.downsample.1.bias")
    ),
    ("head.up2.conv.double_conv.4.bias", .parameter("head.up2.conv.double_conv.4.bias")),
    ("module.head.out.conv.bias", .parameter("head.out.conv.bias")),
    ("head.up2.conv.double_conv.4.num_batches_tracked", .ignored),
    ("backbone.backbone.layer0.1.num_batches_tracked", .ignored),
    // Beside the network, as in CXAS's training code; upstream passes them over.
    ("criterion.weight", .ignored), ("backbone.fc.weight", .ignored),
    ("backbone.layer0.3.weight", .ignored), ("head.norm.weight", .ignored), ("", .ignored),
    ("head", .ignored), ("backbone.", .ignored), ("conv1.weight", .ignored),
    // Part of the network, and not in it: then the network is another one.
    ("head.up4.extra.weight", .parameter("head.up4.extra.weight")),
    ("backbone.layer5.0.conv1.weight", .parameter("backbone.layer5.0.conv1.weight")),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(AnatomyUNet.role(ofKey: key) == role)
  }

  @Test(arguments: [
    (AnatomyUNet.Configuration(classCount: 0), "classCount is 0, must be from 1 to 65536"),
    (.init(classCount: .min), "classCount is \(Int.min), must be from 1 to 65536"),
    (.init(classCount: .max), "classCount is \(Int.max), must be from 1 to 65536"),
    (.init(blocks: []), "blocks is [], must be 4 block counts"),
    (.init(blocks: Array(repeating: 1, count: 17)), "blocks is 17 long, must be 4 block counts"),
    (
      .init(blocks: [3, 4, .max, .max]),
      "blocks is [3, 4, \(Int.max), \(Int.max)], must be 1 to 8 block counts of 1 or more, at most "
        + "1024 together"
    ),
  ])
  func isRefused(_ configuration: AnatomyUNet.Configuration, _ fact: String) {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try AnatomyUNet.graph(configuration)
    }
    #expect(error?.description == "the configuration's \(fact)")
  }
}
