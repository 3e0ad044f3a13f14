import GraphIR
import GraphRuntime
import ModelKit
import SENetPlugin
import TestSupport
import Testing

/// Configurations that make no network, and images that fit none.
struct ConfigurationTests {
  private static let counts =
    "must be counts of 1 or more for at most 8 stages, at most 1024 together"

  static let hostile: [(SENet.Configuration, String)] = [
    (.init(inputChannels: 0), "inputChannels is 0, must be from 1 to 1024"),
    (.init(inputChannels: .max), "inputChannels is \(Int.max), must be from 1 to 1024"),
    (.init(inputChannels: .min), "inputChannels is \(Int.min), must be from 1 to 1024"),
    (.init(stemFeatures: 0), "stemFeatures is 0, must be from 1 to 65536"),
    (.init(initialFeatures: -1), "initialFeatures is -1, must be from 1 to 65536"),
    (.init(baseFeatures: .max), "baseFeatures is \(Int.max), must be from 1 to 65536"),
    (.init(baseFeatures: 0), "baseFeatures is 0, must be from 1 to 65536"),
    (.init(groups: 0), "groups is 0, must be from 1 to 65536"),
    (.init(groups: .min), "groups is \(Int.min), must be from 1 to 65536"),
    (.init(groups: 65), "groups is 65, must be a divisor of 128"),
    (.init(groups: 256), "groups is 256, must be a divisor of 128"),
    (.init(reduction: 0), "reduction is 0, must be from 1 to 65536"),
    (.init(reduction: 257), "reduction is 257, must be 256 or less"),
    (.init(headFeatures: 65537), "headFeatures is 65537, must be from 1 to 65536"),
    (.init(outputCount: 0), "outputCount is 0, must be from 1 to 65536"),
    (.init(blocks: []), "blocks is [], " + counts),
    (.init(blocks: [3, 0]), "blocks is [3, 0], " + counts),
    (.init(blocks: [.max, .max]), "blocks is [\(Int.max), \(Int.max)], " + counts),
    (.init(blocks: [1000, 25]), "blocks is [1000, 25], " + counts),
    (
      .init(blocks: Array(repeating: 1, count: 9)),
      "blocks is [1, 1, 1, 1, 1, 1, 1, 1, 1], " + counts
    ),
    (.init(blocks: Array(repeating: 1, count: 17)), "blocks is 17 long, " + counts),
  ]

  @Test(arguments: hostile)
  func isRefused(_ configuration: SENet.Configuration, _ fact: String) {
    let error = #expect(throws: ConfigurationError.self) { _ = try SENet.graph(configuration) }
    #expect(error?.description == "the configuration's \(fact)")
    #expect(throws: ConfigurationError.self) { _ = try SENet.graph(configuration, channels: 1) }
  }

  /// The widest network that is let through is built, and refused for its size when shapes are
  /// asked for: nothing is allocated, nothing overflows.
  @Test func widestNetworkIsTooLarge() throws {
    let graph = try SENet.graph(
      .init(
        inputChannels: 1024, stemFeatures: 65536, initialFeatures: 65536, baseFeatures: 65536,
        blocks: Array(repeating: 128, count: 8), groups: 1, reduction: 1, headFeatures: 65536,
        outputCount: 65536))
    let error = #expect(throws: GraphError.self) {
      _ = try graph.shapes(inputs: ["image": [1, 1024, 320, 320]])
    }
    #expect(error?.description.contains("is too large") == true)
  }

  private func compile(_ height: Int, _ width: Int) throws -> Session {
    let graph = try SENet.graph(.init(blocks: [1, 1, 1, 1]))
    return try Session(
      graph, weights: CounterFill.weights(for: graph),
      inputShapes: ["image": [1, 3, height, width]], threads: Threads(1),
      kernels: .forThisMachine())
  }

  @Test func smallestAndOblongImages() throws {
    #expect(try compile(3, 3).outputShapes == ["features": [1, 512], "age": [1, 1]])
    #expect(try compile(96, 64).outputShapes == ["features": [1, 512], "age": [1, 1]])
    // Half of it would be one row, in which no window of three rows has room.
    let error = #expect(throws: RuntimeError.self) { _ = try compile(2, 64) }
    #expect(
      error?.description == "layer0.pool (pooling): a 3×3 window does not fit into a 1×32 map: the "
        + "image is too small for this model")
    #expect(throws: RuntimeError.self) { _ = try compile(0, 64) }
  }

  /// The scaling of the published model belongs to colour.
  @Test func scaling() {
    #expect(SENet.scaling(.init()) == .imageNet)
    #expect(SENet.scaling(.init(inputChannels: 1)) == .none)
    #expect(SENet.scriptedEndpoint == "age")
  }

  /// Two batch norms of the head see vectors; the rest goes into convolutions.
  @Test func normsAreFolded() throws {
    let session = try compile(64, 64)
    let image = Tensor(shape: [1, 3, 64, 64], CounterFill.uniform("image", count: 3 * 64 * 64))
    let layers = try session.profile(["image": image], runs: 1)
    #expect(!layers.contains { $0.op == "channelAffine" || $0.op == "batchNorm" })
    #expect(layers.count { $0.op == "convolution" } == 3 + 4 * 6)
  }
}
