import Foundation
import GraphIR
import TestSupport
import Testing

/// The pipelines as wholes on a small DenseNet and a small ResNet, against PyTorch:
/// Fixtures/networks.json, made by tools/fixtures/networks.py.
struct NetworkTests {
  struct Fixture: Decodable {
    let image: Shape
    let networks: [String: [String: Data]]

    static func load() throws -> Fixture {
      let url = try #require(
        Bundle.module.url(forResource: "networks", withExtension: "json", subdirectory: "Fixtures"))
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    }
  }

  enum Pipeline: String, CaseIterable {
    case none
    case inference

    var passes: PassPipeline {
      switch self {
      case .none: PassPipeline([])
      case .inference: .inference
      }
    }
  }

  @Test(arguments: ["dense", "residual"], Pipeline.allCases)
  func matchesPyTorch(_ name: String, _ pipeline: Pipeline) throws {
    let fixture = try Fixture.load()
    let graph = try Self.bound(name)
    let rewritten = try pipeline.passes(graph, inputs: ["image": fixture.image])
    let image = Tensor(
      shape: fixture.image,
      CounterFill.symmetric("image", count: fixture.image.elementCount, bound: 1))
    let found = try ReferenceEvaluator(graph: rewritten)(["image": image])
    let expected = try #require(fixture.networks[name])
    #expect(Set(found.keys) == Set(expected.keys))
    for (endpoint, data) in expected {
      let values = data.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map {
          Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
        }
      }
      let result = try #require(found[endpoint])
      // Folded weights are rounded to 32 bits, nothing else is.
      #expect(relativeDifference(result.values.map { Float($0) }, values) < 1e-6, "\(endpoint)")
    }
  }

  /// What is left of the networks, beside constants.
  @Test func denseNetworkIsConvolutionsAndPoolings() throws {
    let graph = try PassPipeline.inference(
      Self.bound("dense"), inputs: ["image": Fixture.load().image])
    #expect(
      Self.steps(graph) == [
        "convolution padding 1×1 relu   conv0",
        "pooling maximum 3×3 stride 2×2 padding 1×1   pool0",
        "convolution prologue relu relu   layer1.conv1",
        "convolution padding 1×1   layer1.conv2",
        "concatenation axis 1   layer1",
        "convolution prologue relu relu   layer2.conv1",
        "convolution padding 1×1   layer2.conv2",
        "concatenation axis 1   layer2",
        "pooling average 2×2 stride 2×2 prologue relu   transition.pool",
        "convolution   transition.conv",
        "convolution prologue relu relu   layer3.conv1",
        "convolution padding 1×1   layer3.conv2",
        "concatenation axis 1   layer3",
        "spatialMean prologue relu   mean",
        "linear   classifier",
      ])
  }

  @Test func residualNetworkIsConvolutions() throws {
    let graph = try PassPipeline.inference(
      Self.bound("residual"), inputs: ["image": Fixture.load().image])
    #expect(
      Self.steps(graph) == [
        "convolution padding 1×1 relu   conv0",
        "convolution padding 1×1 relu   block1.conv1",
        "convolution padding 1×1 residual relu   block1.conv2",
        "convolution relu   block2.conv1",
        "convolution stride 2×2 padding 1×1 relu   block2.conv2",
        "convolution   block2.conv3",
        "convolution stride 2×2 residual relu   block2.downsample",
        "spatialMean   mean",
        "linear   classifier",
      ])
  }

  @Test(arguments: ["dense", "residual"])
  func pipelineEndsWhereNoPassHasMoreToSay(_ name: String) throws {
    let inputs = ["image": try Fixture.load().image]
    let once = try PassPipeline.inference(Self.bound(name), inputs: inputs)
    for pass in PassPipeline.inference.passes {
      #expect(try once.swept(by: pass, inputs: inputs) == nil, "\(pass.name)")
    }
  }

  @Test func endpointsInTheMiddleKeepTheirValues() throws {
    var network = SmallNetwork()
    network.dense(endpointBeforeTheMean: true)
    let graph = try network.builder.build()
    let bound = try graph.binding(CounterFill.weights(for: graph))
    let rewritten = try PassPipeline.inference(bound)
    #expect(Self.steps(rewritten).suffix(2).first == "spatialMean   mean")
    let map = rewritten[try #require(rewritten.endpoints["map"])]
    #expect(type(of: map.op.attributes).name == "channelAffine")
  }

  private static func bound(_ name: String) throws -> Graph {
    var network = SmallNetwork()
    if name == "dense" { network.dense() } else { network.residual() }
    let graph = try network.builder.build()
    return try graph.binding(CounterFill.weights(for: graph))
  }

  private static func steps(_ graph: Graph) -> [String] {
    graph.nodes.filter { !$0.inputs.isEmpty }.map { node in
      let attributes = node.op.attributes
      let detail = attributes.detail.isEmpty ? "" : " " + attributes.detail
      return "\(type(of: attributes).name)\(detail)   \(node.label)"
    }
  }
}

/// The networks of tools/fixtures/networks.py.
private struct SmallNetwork {
  var builder = GraphBuilder()

  mutating func dense(endpointBeforeTheMean: Bool = false) {
    let image = builder.input("image", channels: 3)
    var x = normRelu("norm0", convolution("conv0", image, 3, 6, 3, WindowGeometry(padding: 1)), 6)
    x = builder.pooling(
      .maximum, x, window: 3, WindowGeometry(stride: 2, padding: 1), label: "pool0")
    x = layer("layer1", x, 6)
    x = normRelu("transition.norm", layer("layer2", x, 10), 14)
    x = convolution("transition.conv", x, 14, 7, 1, WindowGeometry(), bias: true)
    x = builder.pooling(
      .average, x, window: 2, WindowGeometry(stride: 2), label: "transition.pool")
    x = normRelu("norm5", layer("layer3", x, 7), 11)
    if endpointBeforeTheMean { builder.endpoint("map", x) }
    head(x, 11)
  }

  private mutating func layer(_ name: String, _ x: Graph.Value, _ channels: Int) -> Graph.Value {
    var y = normRelu(name + ".norm1", x, channels)
    y = convolution(name + ".conv1", y, channels, 8, 1, WindowGeometry())
    y = normRelu(name + ".norm2", y, 8)
    y = convolution(name + ".conv2", y, 8, 4, 3, WindowGeometry(padding: 1))
    return builder.concatenation([x, y], label: name)
  }

  mutating func residual() {
    let image = builder.input("image", channels: 3)
    let near = WindowGeometry(padding: 1)
    var x = relu(part("conv0", image, 3, 6, 3, near))
    var y = relu(part("block1.conv1", x, 6, 6, 3, near))
    y = part("block1.conv2", y, 6, 6, 3, near)
    x = relu(builder.binary(.add, y, x, label: "block1.sum"))
    y = relu(part("block2.conv1", x, 6, 4, 1, WindowGeometry()))
    y = relu(part("block2.conv2", y, 4, 4, 3, WindowGeometry(stride: 2, padding: 1)))
    y = part("block2.conv3", y, 4, 10, 1, WindowGeometry())
    let shortcut = part("block2.downsample", x, 6, 10, 1, WindowGeometry(stride: 2))
    head(relu(builder.binary(.add, y, shortcut, label: "block2.sum")), 10)
  }

  private mutating func part(
    _ name: String, _ x: Graph.Value, _ from: Int, _ to: Int, _ window: Int,
    _ geometry: WindowGeometry
  ) -> Graph.Value {
    norm(name + ".norm", convolution(name, x, from, to, window, geometry), to)
  }

  private mutating func convolution(
    _ name: String, _ x: Graph.Value, _ from: Int, _ to: Int, _ window: Int,
    _ geometry: WindowGeometry, bias: Bool = false
  ) -> Graph.Value {
    let weight = builder.parameter(name + ".weight", [to, from, window, window])
    let bias = bias ? builder.parameter(name + ".bias", [to]) : nil
    return builder.convolution(x, weight: weight, bias: bias, geometry, label: name)
  }

  private mutating func norm(_ name: String, _ x: Graph.Value, _ channels: Int) -> Graph.Value {
    builder.batchNorm(
      x, gamma: builder.parameter(name + ".weight", [channels]),
      beta: builder.parameter(name + ".bias", [channels]),
      mean: builder.parameter(name + ".running_mean", [channels]),
      variance: builder.parameter(name + ".running_var", [channels]), label: name)
  }

  private mutating func normRelu(_ name: String, _ x: Graph.Value, _ channels: Int) -> Graph.Value {
    relu(norm(name, x, channels))
  }

  private mutating func relu(_ x: Graph.Value) -> Graph.Value {
    builder.unary(.relu, x, label: "relu")
  }

  private mutating func head(_ x: Graph.Value, _ channels: Int) {
    let features = builder.spatialMean(x, label: "mean")
    let logits = builder.linear(
      features, weight: builder.parameter("classifier.weight", [3, channels]),
      bias: builder.parameter("classifier.bias", [3]), label: "classifier")
    builder.endpoint("features", features)
    builder.endpoint("logits", logits)
  }
}
