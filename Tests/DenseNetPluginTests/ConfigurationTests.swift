import DenseNetPlugin
import GraphIR
import GraphRuntime
import ModelKit
import TestSupport
import Testing

/// Configurations that make no network, and images that fit none.
struct ConfigurationTests {
  static let hostile: [(DenseNet.Configuration, String)] = [
    (.init(inputChannels: 0), "inputChannels is 0, must be from 1 to 1024"),
    (.init(inputChannels: -1), "inputChannels is -1, must be from 1 to 1024"),
    (.init(inputChannels: .max), "inputChannels is \(Int.max), must be from 1 to 1024"),
    (.init(inputChannels: .min), "inputChannels is \(Int.min), must be from 1 to 1024"),
    (.init(initialFeatures: 0), "initialFeatures is 0, must be from 1 to 65536"),
    (.init(initialFeatures: 65537), "initialFeatures is 65537, must be from 1 to 65536"),
    (.init(growthRate: -5), "growthRate is -5, must be from 1 to 65536"),
    (.init(growthRate: .max), "growthRate is \(Int.max), must be from 1 to 65536"),
    (.init(bottleneckFactor: 0), "bottleneckFactor is 0, must be from 1 to 65536"),
    (.init(bottleneckFactor: .max), "bottleneckFactor is \(Int.max), must be from 1 to 65536"),
    (.init(classCount: 0), "classCount is 0, must be from 1 to 65536"),
    (.init(blocks: []), "blocks is [], must be layer counts of 1 or more, at most 1024 together"),
    (
      .init(blocks: [6, 0, 3]),
      "blocks is [6, 0, 3], must be layer counts of 1 or more, at most 1024 together"
    ),
    (
      .init(blocks: [.max, .max]),
      "blocks is [\(Int.max), \(Int.max)], must be layer counts of 1 or more, at most 1024 together"
    ),
    (
      .init(blocks: Array(repeating: 1, count: 1025)),
      "blocks is 1025 long, must be layer counts of 1 or more, at most 1024 together"
    ),
    (
      .init(blocks: [1000, 25]),
      "blocks is [1000, 25], must be layer counts of 1 or more, at most 1024 together"
    ),
  ]

  @Test(arguments: hostile)
  func isRefused(_ configuration: DenseNet.Configuration, _ fact: String) {
    for channels in [nil, 1, 3] {
      let error = #expect(throws: ConfigurationError.self) {
        _ = try DenseNet.graph(configuration, channels: channels)
      }
      // With another number of channels, that may be what is told.
      if channels == nil { #expect(error?.description == "the configuration's \(fact)") }
    }
  }

  /// The widest network that is let through is built, and refused for its size when shapes are
  /// asked for: nothing is allocated, nothing overflows.
  @Test func widestNetworkIsTooLarge() throws {
    let graph = try DenseNet.graph(
      .init(
        inputChannels: 1024, initialFeatures: 65536, growthRate: 65536,
        blocks: Array(repeating: 128, count: 8), bottleneckFactor: 65536, classCount: 65536))
    let error = #expect(throws: GraphError.self) {
      _ = try graph.shapes(inputs: ["image": [1, 1024, 224, 224]])
    }
    #expect(
      error?.description == "features.conv0.weight (parameter): a 65536×1024×7×7 tensor is too "
        + "large; the most is 2147483647 numbers")
  }

  @Test func greyImageIsRepeatedForColour() throws {
    let configuration = DenseNet.Configuration(inputChannels: 3, blocks: [1, 1], classCount: 2)
    #expect(try DenseNet.graph(configuration, channels: 1).inputs.map(\.channels) == [1])
    #expect(try DenseNet.graph(configuration).inputs.map(\.channels) == [3])
    let weights = try CounterFill.weights(for: DenseNet.graph(configuration))
    let grey = CounterFill.symmetric("grey", count: 64 * 64, bound: 1024)
    var logits = [[Float]?]()
    for channels in [1, 3] {
      let shape: Shape = [1, channels, 64, 64]
      let session = try Session(
        DenseNet.graph(configuration, channels: channels), weights: weights,
        inputShapes: ["image": shape], threads: Threads(1), kernels: .forThisMachine())
      let pixels = (0..<channels).flatMap { _ in grey }
      logits.append(try session.run(["image": Tensor(shape: shape, pixels)])["logits"]?.floats())
    }
    #expect(logits[0] != nil && logits[0] == logits[1])
    let error = #expect(throws: ConfigurationError.self) {
      _ = try DenseNet.graph(configuration, channels: 2)
    }
    #expect(
      error?.description
        == "the configuration's inputChannels is 3, must be 2, as the input has")
  }

  private func compile(
    _ height: Int, _ width: Int, _ precision: Precision = .float32, endpoints: [String]? = nil
  ) throws -> Session {
    let graph = try DenseNet.graph(.init())
    return try Session(
      graph, weights: CounterFill.weights(for: graph),
      inputShapes: ["image": [1, 1, height, width]], endpoints: endpoints, precision: precision,
      threads: Threads(1), kernels: .forThisMachine())
  }

  @Test func smallestImage() throws {
    #expect(try compile(29, 29).outputShapes["featureMap"] == [1, 1024, 1, 1])
    let error = #expect(throws: RuntimeError.self) { _ = try compile(28, 28) }
    #expect(
      error?.description == "features.transition3.pool (pooling): a 2×2 window does not fit into a "
        + "1×1 map: the image is too small for this model")
    #expect(throws: RuntimeError.self) { _ = try compile(29, 28) }
    #expect(throws: RuntimeError.self) { _ = try compile(0, 224) }
  }

  @Test func oblongImage() throws {
    let session = try compile(96, 64)
    #expect(session.outputShapes["featureMap"] == [1, 1024, 3, 2])
    #expect(session.outputShapes["features"] == [1, 1024])
    #expect(session.outputShapes["logits"] == [1, 18])
  }

  @Test(arguments: Precision.allCases)
  func denseBlocksCopyNothing(_ precision: Precision) throws {
    let session = try compile(64, 64, precision)
    let image = Tensor(shape: [1, 1, 64, 64], CounterFill.uniform("image", count: 64 * 64))
    let layers = try session.profile(["image": image], runs: 1)
    #expect(layers.count { $0.op == "concatenation" } == 0)
    #expect(layers.count { $0.op == "convolution" } == 120)
    // The layout changes for the caller alone: once, for the endpoint that is an image.
    #expect(layers.filter { $0.op == "relayout" }.map(\.label) == ["features.norm5"])
    // Batch norms are gone, into the convolution or pooling before or behind them, and so are all
    // ReLUs, but for the last of each: the first's result and the second's operand are endpoints.
    #expect(layers.filter { $0.op == "channelAffine" }.map(\.label) == ["features.norm5"])
    #expect(layers.filter { $0.op == "unary" }.map(\.label) == ["relu"])
    // Scores alone leave nothing to change the layout of, and no op but these.
    let scores = try compile(64, 64, precision, endpoints: ["logits"])
    let ops = try scores.profile(["image": image], runs: 1).map(\.op)
    #expect(Set(ops) == ["convolution", "pooling", "spatialMean", "linear"])
    #expect(ops.count == 120 + 4 + 2)
  }

  /// A second run of the passes finds nothing to do.
  @Test func pipelineIsIdempotent() throws {
    let graph = try DenseNet.graph(.init(blocks: [2, 3]))
    let once = try PassPipeline.inference(graph.binding(CounterFill.weights(for: graph)))
    for pass in PassPipeline.inference.passes {
      let view = GraphView(once)
      #expect(once.values.allSatisfy { pass.patch(for: $0, in: view) == nil }, "\(pass.name)")
    }
    #expect(try PassPipeline.inference(once).description == once.description)
    #expect(once.nodes.allSatisfy { type(of: $0.op.attributes).name != "batchNorm" })
  }
}
