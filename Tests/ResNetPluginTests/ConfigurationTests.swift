import GraphIR
import ModelKit
import ResNetPlugin
import Testing

/// Configurations that make no network, and what the pixels become.
struct ConfigurationTests {
  private static let blocks =
    "must be 1 to 8 block counts of 1 or more, at most 1024 together"

  static let hostile: [(ResNet.Configuration, String)] = [
    (.init(inputChannels: 0), "inputChannels is 0, must be from 1 to 1024"),
    (.init(inputChannels: .min), "inputChannels is \(Int.min), must be from 1 to 1024"),
    (.init(inputChannels: .max), "inputChannels is \(Int.max), must be from 1 to 1024"),
    (.init(width: 0), "width is 0, must be from 1 to 65536"),
    (.init(width: .max), "width is \(Int.max), must be from 1 to 65536"),
    (.init(innerWidth: -3), "innerWidth is -3, must be from 1 to 65536"),
    (.init(innerWidth: 65537), "innerWidth is 65537, must be from 1 to 65536"),
    (.init(classCount: 0), "classCount is 0, must be from 1 to 65536"),
    (.init(classCount: .max), "classCount is \(Int.max), must be from 1 to 65536"),
    (.init(classifierOutputs: 0), "classifierOutputs is 0, must be from 1 to 65536"),
    (.init(classifierOutputs: .max), "classifierOutputs is \(Int.max), must be from 1 to 65536"),
    (
      .init(classCount: 18, classifierOutputs: 17),
      "classifierOutputs is 17, must be 18 or more, as there are classes"
    ),
    (.init(blocks: []), "blocks is [], \(blocks)"),
    (.init(blocks: [3, 0, 6]), "blocks is [3, 0, 6], \(blocks)"),
    (.init(blocks: [3, -1]), "blocks is [3, -1], \(blocks)"),
    (.init(blocks: [.max, .max]), "blocks is [\(Int.max), \(Int.max)], \(blocks)"),
    (.init(blocks: [1000, 25]), "blocks is [1000, 25], \(blocks)"),
    (
      .init(blocks: Array(repeating: 1, count: 9)),
      "blocks is [1, 1, 1, 1, 1, 1, 1, 1, 1], \(blocks)"
    ),
    (.init(blocks: Array(repeating: 1, count: 99)), "blocks is 99 long, \(blocks)"),
  ]

  @Test(arguments: hostile)
  func isRefused(_ configuration: ResNet.Configuration, _ fact: String) {
    for bottleneck in [true, false] {
      var configuration = configuration
      configuration.isBottleneck = bottleneck
      let error = #expect(throws: ConfigurationError.self) {
        _ = try ResNet.graph(configuration)
      }
      #expect(error?.description == "the configuration's \(fact)")
    }
  }

  /// The widest network that is let through is built, and refused for its size when shapes are
  /// asked for: nothing is allocated, nothing overflows.
  @Test func widestNetworkIsTooLarge() throws {
    let graph = try ResNet.graph(
      .init(
        inputChannels: 1024, blocks: Array(repeating: 128, count: 8), width: 65536,
        innerWidth: 65536, classCount: 65535, classifierOutputs: 65536))
    let error = #expect(throws: GraphError.self) {
      _ = try graph.shapes(inputs: ["image": [1, 1024, 224, 224]])
    }
    #expect(
      error?.description == "conv1.weight (parameter): a 65536×1024×7×7 tensor is too "
        + "large; the most is 2147483647 numbers")
  }

  @Test func pixels() {
    #expect(ResNet.scaling(.init(inputChannels: 3)) == .imageNet)
    #expect(ResNet.scaling(.init(inputChannels: 1)) == .none)
    #expect(ResNet.inputChannels(.init(inputChannels: 3)) == 3)
  }

  /// A batch goes through the rows that are cut off as well.
  @Test func shapes() throws {
    let graph = try ResNet.graph(
      .init(inputChannels: 3, classCount: 2, classifierOutputs: 1000, hasLogSoftmax: true))
    let shapes = try graph.shapes(inputs: ["image": [5, 3, 320, 256]])
    for (name, shape): (String, Shape) in [
      ("logits", [5, 2]), ("features", [5, 2048]), ("featureMap", [5, 2048, 10, 8]),
    ] {
      let value = try #require(graph.endpoints[name])
      #expect(shapes[value.index] == shape)
    }
  }
}
