import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// What is left of residual and dense networks once they are planned, op by op.
struct FusedGraphTests {
  private struct Counts: Equatable, CustomStringConvertible {
    var ops: [String: Int] = [:]
    var residuals = 0
    var prologues = 0
    var activations = 0
    var relayouts: [String] = []

    var description: String {
      "\(ops.sorted { $0.key < $1.key }) \(residuals) \(prologues) \(activations) \(relayouts)"
    }
  }

  private func counts(_ graph: Graph, _ precision: Precision) throws -> Counts {
    let inputs: [String: Shape] = ["image": [1, 3, 32, 32]]
    let optimised = try PassPipeline.inference(
      graph.binding(CounterFill.weights(for: graph)), inputs: inputs)
    let planned = PlannedGraph(
      optimised, shapes: try optimised.shapes(inputs: inputs), precision: precision,
      kernels: try Kernels.forThisMachine())
    var counts = Counts()
    for node in planned.nodes {
      switch node.operation {
      case .relayout: counts.relayouts.append(node.label)
      case .op(.constant), .op(.input), .groupFactors: break
      case .op(let op):
        counts.ops[type(of: op.attributes).name, default: 0] += 1
        guard case .convolution(let convolution) = op else { break }
        if convolution.addsResidual { counts.residuals += 1 }
        if convolution.prologue != nil { counts.prologues += 1 }
        if convolution.activation == .relu { counts.activations += 1 }
      }
    }
    return counts
  }

  /// A stem, three blocks of which one halves the map, and a classifier: He, Zhang, Ren and Sun,
  /// "Deep Residual Learning for Image Recognition" (2015).
  private func resNet() throws -> Graph {
    var builder = GraphBuilder()
    func convolved(
      _ image: Graph.Value, _ from: Int, _ to: Int, window: Int, stride: Int = 1, _ label: String
    ) -> Graph.Value {
      let weight = builder.parameter("\(label).weight", [to, from, window, window])
      let image = builder.convolution(
        image, weight: weight,
        WindowGeometry(
          stride: Size2D(height: stride, width: stride),
          padding: Size2D(height: window / 2, width: window / 2)), label: label)
      let statistics = ["gamma.weight", "beta", "mean", "running_var"].map {
        builder.parameter("\(label).\($0)", [to])
      }
      return builder.batchNorm(image, statistics: statistics)
    }
    func block(
      _ image: Graph.Value, _ from: Int, _ to: Int, stride: Int, _ label: String
    ) -> Graph.Value {
      let reduced = builder.unary(
        .relu, convolved(image, from, 16, window: 1, "\(label).conv1"), label: "\(label).relu1")
      let windowed = builder.unary(
        .relu, convolved(reduced, 16, 16, window: 3, stride: stride, "\(label).conv2"),
        label: "\(label).relu2")
      let widened = convolved(windowed, 16, to, window: 1, "\(label).conv3")
      let shortcut =
        from == to
        ? image : convolved(image, from, to, window: 1, stride: stride, "\(label).shortcut")
      let sum = builder.binary(.add, widened, shortcut, label: "\(label).sum")
      return builder.unary(.relu, sum, label: "\(label).relu")
    }
    let image = builder.input("image", channels: 3)
    let stem = builder.unary(
      .relu, convolved(image, 3, 24, window: 7, stride: 2, "stem"), label: "stem.relu")
    let pooled = builder.pooling(
      .maximum, stem, window: 3, WindowGeometry(stride: 2, padding: 1), label: "pool")
    let first = block(pooled, 24, 40, stride: 1, "block1")
    let second = block(first, 40, 40, stride: 1, "block2")
    let third = block(second, 40, 64, stride: 2, "block3")
    let mean = builder.spatialMean(third, label: "mean")
    let weight = builder.parameter("fc.weight", [5, 64])
    let bias = builder.parameter("fc.bias", [5])
    builder.endpoint("featureMap", third)
    builder.endpoint("logits", builder.linear(mean, weight: weight, bias: bias, label: "fc"))
    return try builder.build()
  }

  @Test(arguments: Precision.allCases)
  func residualNetworkIsConvolutionsAlone(_ precision: Precision) throws {
    let counts = try counts(resNet(), precision)
    // Neither batch norms nor sums nor activations are left; each block's last convolution adds the
    // other branch, and every one but the two shortcuts ends with a ReLU.
    #expect(counts.ops == ["convolution": 12, "pooling": 1, "spatialMean": 1, "linear": 1])
    #expect(counts.residuals == 3)
    #expect(counts.activations == 10)
    #expect(counts.prologues == 0)
    #expect(counts.relayouts.count == 1)
  }

  /// What is asked for is in planes, and nothing else: features are so by themselves.
  @Test(arguments: Precision.allCases)
  func onlyTheMapIsRelaidOut(_ precision: Precision) throws {
    #expect(try counts(resNet().pruned(to: ["logits"]), precision).relayouts == [])
    #expect(try counts(resNet().pruned(to: ["featureMap"]), precision).relayouts.count == 1)
  }

  /// A dense block and a transition: Huang, Liu, van der Maaten and Weinberger, "Densely connected
  /// convolutional networks" (2017).
  @Test func denseNetworkIsConvolutionsWithPrologues() throws {
    var builder = GraphBuilder()
    func normed(_ image: Graph.Value, _ channels: Int, _ label: String) -> Graph.Value {
      let statistics = ["gamma.weight", "beta", "mean", "running_var"].map {
        builder.parameter("\(label).\($0)", [channels])
      }
      return builder.unary(
        .relu, builder.batchNorm(image, statistics: statistics), label: "\(label).relu")
    }
    func convolved(
      _ image: Graph.Value, _ from: Int, _ to: Int, window: Int, _ label: String
    ) -> Graph.Value {
      builder.convolution(
        image, weight: builder.parameter("\(label).weight", [to, from, window, window]),
        WindowGeometry(padding: Size2D(height: window / 2, width: window / 2)), label: label)
    }
    var map = convolved(builder.input("image", channels: 3), 3, 32, window: 3, "stem")
    for layer in 0..<3 {
      let (channels, label) = (32 + layer * 16, "layer\(layer)")
      let narrow = convolved(
        normed(map, channels, "\(label).norm1"), channels, 64, window: 1, "\(label).conv1")
      let new = convolved(normed(narrow, 64, "\(label).norm2"), 64, 16, window: 3, "\(label).conv2")
      map = builder.concatenation([map, new], label: "\(label).cat")
    }
    let narrow = convolved(normed(map, 80, "norm"), 80, 40, window: 1, "transition")
    builder.endpoint(
      "result",
      builder.pooling(
        .average, narrow, window: 2, WindowGeometry(stride: 2), label: "pool"))
    let graph = try builder.build()
    for precision in Precision.allCases {
      let counts = try counts(graph, precision)
      // The norm and ReLU before a 1x1 convolution are its prologue, but before the transition that
      // of the pooling, which comes first there; those behind one are folded into it.
      #expect(counts.ops == ["convolution": 8, "concatenation": 3, "pooling": 1])
      #expect(counts.prologues == 3)
      #expect(counts.activations == 3)
      #expect(counts.relayouts.count == 1)
    }
    let weights = CounterFill.weights(for: graph)
    let session = try Session(
      graph, weights: weights, inputShapes: ["image": [1, 3, 32, 32]], threads: Threads(2),
      kernels: .forThisMachine())
    let image = CounterFill.tensor("image", [1, 3, 32, 32])
    let layers = try session.profile(["image": image], runs: 1)
    #expect(layers.count { $0.op == "concatenation" } == 0)
    #expect(layers.count { $0.op == "relayout" } == 1)
  }
}
