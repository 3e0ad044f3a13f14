import GraphIR
import Testing

/// Each pass alone, on graphs drawn by hand.
struct PassTests {
  /// A convolution and a batch norm over its result, with weights bound.
  struct ConvolutionNorm {
    var builder: GraphBuilder
    let convolved: Graph.Value
    let normalised: Graph.Value

    init(bias: Bool, activation: Activation = .identity) {
      var builder = GraphBuilder()
      func vector(_ name: String, _ a: Float, _ b: Float) -> Graph.Value {
        builder.constant(Tensor(shape: [2], [a, b]), label: name)
      }
      let image = builder.input("image", channels: 1)
      let weight = builder.constant(
        Tensor(shape: [2, 1, 1, 2], [1, 2, 3, 4]), label: "conv.weight")
      let operands = [image, weight] + (bias ? [vector("conv.bias", 10, 20)] : [])
      convolved = builder.add(
        .convolution(Convolution(activation: activation)), operands, label: "conv")
      let (gamma, beta) = (vector("gamma", 2, 3), vector("beta", 5, 7))
      let (mean, variance) = (vector("mean", 1, -1), vector("variance", 4, 0.25))
      normalised = builder.batchNorm(
        convolved, gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: 0,
        label: "norm")
      self.builder = builder
    }
  }

  @Test(arguments: [false, true])
  func batchNormFolds(bias: Bool) throws {
    var network = ConvolutionNorm(bias: bias)
    network.builder.endpoint("result", network.normalised)
    let graph = try PassPipeline([FoldBatchNormIntoConvolution(), FoldConstants()])(
      network.builder.build())

    #expect(ops(graph) == ["input", "constant", "constant", "convolution"])
    let convolution = graph.nodes[3]
    #expect(convolution.label == "conv")
    // Scales 2 / 2 = 1 and 3 / 0.5 = 6.
    #expect(floats(graph, convolution.inputs[1]) == [1, 2, 18, 24])
    // (0 - 1) * 1 + 5 and (0 + 1) * 6 + 7; with a bias of 10 and 20, 10 * 1 and 20 * 6 more.
    #expect(floats(graph, convolution.inputs[2]) == (bias ? [14, 133] : [4, 13]))
  }

  @Test func batchNormStaysWhereTheConvolutionIsSeen() throws {
    var asEndpoint = ConvolutionNorm(bias: false)
    asEndpoint.builder.endpoint("result", asEndpoint.normalised)
    asEndpoint.builder.endpoint("before", asEndpoint.convolved)
    #expect(try proposals(FoldBatchNormIntoConvolution(), asEndpoint.builder.build()) == 0)

    var usedTwice = ConvolutionNorm(bias: false)
    let sum = usedTwice.builder.binary(
      .add, usedTwice.normalised, usedTwice.convolved, label: "sum")
    usedTwice.builder.endpoint("result", sum)
    #expect(try proposals(FoldBatchNormIntoConvolution(), usedTwice.builder.build()) == 0)
  }

  @Test func batchNormStaysBehindAnActivation() throws {
    var network = ConvolutionNorm(bias: true, activation: .relu)
    network.builder.endpoint("result", network.normalised)
    #expect(try proposals(FoldBatchNormIntoConvolution(), network.builder.build()) == 0)
  }

  @Test func batchNormStaysBehindAComputedWeight() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let computed = builder.unary(.relu, image, label: "computed")
    let convolved = builder.convolution(image, weight: computed, label: "conv")
    let vector = builder.parameter("vector", [1])
    builder.endpoint(
      "result",
      builder.batchNorm(
        convolved, gamma: vector, beta: vector, mean: vector, variance: vector, label: "norm"))
    #expect(try proposals(FoldBatchNormIntoConvolution(), builder.build()) == 0)
  }

  @Test func batchNormLowers() throws {
    var network = ConvolutionNorm(bias: false)
    network.builder.endpoint("result", network.normalised)
    network.builder.endpoint("before", network.convolved)
    let graph = try PassPipeline([LowerBatchNorm(), FoldConstants()])(network.builder.build())
    let result = graph[try #require(graph.endpoints["result"])]
    guard case .channelAffine(let affine) = result.op else {
      Issue.record("\(graph)")
      return
    }
    #expect(affine.activation == .identity && result.label == "norm")
    #expect(floats(graph, result.inputs[1]) == [1, 6])
    #expect(floats(graph, result.inputs[2]) == [4, 13])
    #expect(graph.endpoints["before"] == result.inputs[0])
  }

  @Test func activationFuses() throws {
    var network = ConvolutionNorm(bias: true)
    let relu = network.builder.unary(.relu, network.convolved, label: "relu")
    network.builder.endpoint("result", relu)
    // Without the batch norm, which uses the convolution too.
    let graph = try PassPipeline([FuseActivation()])(network.builder.build().pruned())
    #expect(ops(graph) == ["input", "constant", "constant", "convolution"])
    guard case .convolution(let convolution) = graph.nodes[3].op else { return }
    #expect(convolution.activation == .relu)
    // What has its ReLU already is left alone.
    #expect(proposals(FuseActivation(), graph) == 0)

    var builder = network.builder
    builder.endpoint(
      "result", builder.unary(.relu, network.normalised, label: "relu"))
    let lowered = try PassPipeline([LowerBatchNorm(), FuseActivation(), FoldConstants()])(
      builder.build())
    #expect(ops(lowered).suffix(1) == ["channelAffine"])
    #expect("\(lowered)".contains("relu   norm"))
  }

  @Test func activationStaysWhereItsOperandIsSeen() throws {
    var asEndpoint = ConvolutionNorm(bias: true)
    let relu = asEndpoint.builder.unary(.relu, asEndpoint.convolved, label: "relu")
    asEndpoint.builder.endpoint("result", relu)
    asEndpoint.builder.endpoint("before", asEndpoint.convolved)
    #expect(try proposals(FuseActivation(), asEndpoint.builder.build()) == 0)

    var usedTwice = ConvolutionNorm(bias: true)
    let first = usedTwice.builder.unary(.relu, usedTwice.convolved, label: "relu")
    let sum = usedTwice.builder.binary(.add, first, usedTwice.convolved, label: "sum")
    usedTwice.builder.endpoint("result", sum)
    #expect(try proposals(FuseActivation(), usedTwice.builder.build()) == 0)
  }

  @Test func activationStaysBehindOpsWithoutAPlaceForIt() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let pooled = builder.pooling(.maximum, image, window: 2, WindowGeometry(), label: "pool")
    let relu = builder.unary(.relu, pooled, label: "relu")
    builder.endpoint("result", builder.unary(.relu, relu, label: "again"))
    #expect(try proposals(FuseActivation(), builder.build()) == 0)
  }

  private func ops(_ graph: Graph) -> [String] {
    graph.nodes.map { type(of: $0.op.attributes).name }
  }

  private func floats(_ graph: Graph, _ value: Graph.Value) -> [Float]? {
    graph[value].constant?.floats()
  }

  private func proposals(_ pass: some Pass, _ graph: Graph) -> Int {
    let view = GraphView(graph)
    return graph.values.count { pass.patch(for: $0, in: view) != nil }
  }
}
