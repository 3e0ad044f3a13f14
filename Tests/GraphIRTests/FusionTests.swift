import GraphIR
import TestSupport
import Testing

/// The passes that join ops, each alone: what it makes, that it computes the same, and where it
/// must not apply.
struct FusionTests {
  /// A builder with an image of three channels and weights to take as needed.
  struct Draft {
    var builder = GraphBuilder()
    let image: Graph.Value

    init() { image = builder.input("image", channels: 3) }

    mutating func constant(_ name: String, _ shape: Shape) -> Graph.Value {
      builder.constant(
        Tensor(shape: shape, CounterFill.symmetric(name, count: shape.elementCount, bound: 1)),
        label: name)
    }

    mutating func convolution(
      _ x: Graph.Value, _ op: Convolution = Convolution(), window: Int = 1, from: Int = 3,
      to: Int = 4, bias: Bool = false, more: [Graph.Value] = [], label: String = "conv"
    ) -> Graph.Value {
      let weight = constant(label + ".weight", [to, from / op.groups, window, window])
      let bias = bias ? [constant(label + ".bias", [to])] : []
      return builder.add(.convolution(op), [x, weight] + bias + more, label: label)
    }

    mutating func affine(_ x: Graph.Value, _ activation: Activation = .relu) -> Graph.Value {
      let (scale, shift) = (constant("scale", [3]), constant("shift", [3]))
      return builder.add(
        .channelAffine(ChannelAffine(activation: activation)), x, scale, shift, label: "affine")
    }

    mutating func pool(
      _ x: Graph.Value, _ kind: Pooling.Kind = .average,
      _ geometry: WindowGeometry = WindowGeometry(stride: 2), window: Size2D = 2
    ) -> Graph.Value {
      builder.pooling(kind, x, window: window, geometry, label: "pool")
    }

    mutating func norm(_ x: Graph.Value, channels: Int) -> Graph.Value {
      let variance = builder.constant(
        Tensor(shape: [channels], (1...channels).map { Float($0) / 2 }), label: "variance")
      return builder.batchNorm(
        x, gamma: constant("gamma", [channels]), beta: constant("beta", [channels]),
        mean: constant("mean", [channels]), variance: variance, label: "norm")
    }

    mutating func sum(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
      builder.binary(.add, a, b, label: "sum")
    }

    /// The graph whose results are these values.
    func graph(_ results: Graph.Value...) throws -> Graph {
      var builder = builder
      for (index, value) in results.enumerated() { builder.endpoint("\(index)", value) }
      return try builder.build()
    }
  }

  static let shape: Shape = [2, 3, 7, 6]
  static let inputs = ["image": shape]

  /// Applies a pass once, checks that results stay the same, and returns the lines of the dump
  /// without inputs, constants and operands; nil where the pass had nothing to propose.
  func rewrite(_ graph: Graph, by pass: some Pass) throws -> [String]? {
    guard let swept = try graph.swept(by: pass, inputs: Self.inputs) else { return nil }
    let image = Tensor(
      shape: Self.shape,
      CounterFill.symmetric("image", count: Self.shape.elementCount, bound: 1))
    let before = try ReferenceEvaluator(graph: graph)(["image": image])
    let after = try ReferenceEvaluator(graph: swept)(["image": image])
    #expect(before.keys == after.keys)
    for (endpoint, expected) in before {
      let found = try #require(after[endpoint])
      #expect(found.shape == expected.shape)
      let scale = expected.values.reduce(0) { max($0, abs($1)) }
      #expect(scale > 0)
      for (a, b) in zip(found.values, expected.values) { #expect(abs(a - b) <= 1e-14 * scale) }
    }
    return swept.nodes.filter { !$0.inputs.isEmpty }.map {
      "\(type(of: $0.op.attributes).name) \($0.op.attributes.detail)"
    }
  }

  /// The largest difference between a graph's results before and after some passes that round to
  /// 32 bits, as a part of the largest result.
  func difference(_ graph: Graph, _ rewritten: Graph) throws -> Float {
    let image = Tensor(
      shape: Self.shape,
      CounterFill.symmetric("image", count: Self.shape.elementCount, bound: 1))
    let before = try #require(try ReferenceEvaluator(graph: graph)(["image": image])["0"])
    let after = try #require(try ReferenceEvaluator(graph: rewritten)(["image": image])["0"])
    return relativeDifference(
      after.values.map { Float($0) }, before.values.map { Float($0) })
  }

  // MARK: Pooling before a pointwise convolution

  @Test(arguments: [false, true], [1, 3])
  func poolMovesBeforeAPointwiseConvolution(bias: Bool, groups: Int) throws {
    var draft = Draft()
    let convolved = draft.convolution(
      draft.image, Convolution(groups: groups), to: 6, bias: bias)
    let pooled = draft.pool(
      convolved, .average, WindowGeometry(stride: 2, dilation: Size2D(height: 2, width: 1)),
      window: Size2D(height: 3, width: 2))
    #expect(
      try rewrite(draft.graph(pooled), by: PoolBeforePointwise()) == [
        "pooling average 3×2 stride 2×2 dilation 2×1",
        "convolution \(groups == 1 ? "" : "groups 3")",
      ])
  }

  @Test func poolStays() throws {
    let pass = PoolBeforePointwise()
    let pointwise = Convolution()
    func stays(
      _ op: Convolution, window: Int = 1, _ kind: Pooling.Kind = .average,
      _ geometry: WindowGeometry = WindowGeometry(stride: 2), more: [Graph.Value] = [],
      draft: Draft = Draft(), seen: Bool = false
    ) throws -> Bool {
      var draft = draft
      let convolved = draft.convolution(draft.image, op, window: window, more: more)
      let pooled = draft.pool(convolved, kind, geometry)
      let graph = try seen ? draft.graph(pooled, convolved) : draft.graph(pooled)
      return try graph.swept(by: pass) == nil
    }
    #expect(try !stays(pointwise))
    #expect(try stays(pointwise, .maximum))
    #expect(try stays(pointwise, .average, WindowGeometry(stride: 2, padding: 1)))
    #expect(try stays(pointwise, .average, WindowGeometry(stride: 1)))
    #expect(try stays(pointwise, window: 2))
    #expect(try stays(pointwise, seen: true))
    #expect(try stays(Convolution(geometry: WindowGeometry(stride: 2))))
    #expect(try stays(Convolution(geometry: WindowGeometry(padding: 1))))
    #expect(try stays(Convolution(activation: .relu)))
    var prepared = Draft()
    let vectors = [prepared.constant("scale", [3]), prepared.constant("shift", [3])]
    #expect(try stays(Convolution(prologue: .identity), more: vectors, draft: prepared))
    var added = Draft()
    let residual = added.convolution(added.image, label: "residual")
    #expect(try stays(Convolution(addsResidual: true), more: [residual], draft: added))

    // A prologue of the pooling stands between the two.
    var between = Draft()
    let convolved = between.convolution(between.image, to: 3)
    let pooling = Pooling(
      kind: .average, window: 2, geometry: WindowGeometry(stride: 2), prologue: .identity)
    let (scale, shift) = (between.constant("scale", [3]), between.constant("shift", [3]))
    let pooled = between.builder.add(
      .pooling(pooling), convolved, scale, shift, label: "pool")
    #expect(try between.graph(pooled).swept(by: pass) == nil)
  }

  @Test func poolStaysBehindAComputedWeight() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 3)
    let weight = builder.unary(.relu, builder.input("weight", channels: 3), label: "weight")
    let convolved = builder.convolution(image, weight: weight, label: "conv")
    builder.endpoint(
      "result",
      builder.pooling(
        .average, convolved, window: 2, WindowGeometry(stride: 2), label: "pool"))
    let inputs = ["image": Self.shape, "weight": [4, 3, 1, 1]]
    #expect(try builder.build().swept(by: PoolBeforePointwise(), inputs: inputs) == nil)
  }

  // MARK: Normalisation as a prologue

  @Test(arguments: [Activation.identity, .relu], [false, true])
  func normalisationJoinsAPointwiseConvolution(activation: Activation, bias: Bool) throws {
    var draft = Draft()
    let residual = draft.convolution(
      draft.image, Convolution(geometry: WindowGeometry(stride: 2)), label: "residual")
    let op = Convolution(
      geometry: WindowGeometry(stride: 2), addsResidual: true, activation: .relu)
    let convolved = draft.convolution(
      draft.affine(draft.image, activation), op, bias: bias, more: [residual])
    let words = activation == .relu ? "prologue relu" : "prologue"
    #expect(
      try rewrite(draft.graph(convolved), by: FuseInputNormalization()) == [
        "convolution stride 2×2", "convolution \(words) stride 2×2 residual relu",
      ])
  }

  @Test(arguments: [Pooling.Kind.maximum, .average])
  func normalisationJoinsAPooling(kind: Pooling.Kind) throws {
    var draft = Draft()
    let pooled = draft.pool(
      draft.affine(draft.image, .identity), kind, WindowGeometry(stride: 2, padding: 1),
      window: 3)
    #expect(
      try rewrite(draft.graph(pooled), by: FuseInputNormalization()) == [
        "pooling \(kind.rawValue) 3×3 stride 2×2 padding 1×1 prologue"
      ])
  }

  @Test func normalisationJoinsASpatialMean() throws {
    var draft = Draft()
    let normalised = draft.affine(draft.image)
    let mean = draft.builder.spatialMean(normalised, label: "mean")
    #expect(
      try rewrite(draft.graph(mean), by: FuseInputNormalization()) == [
        "spatialMean prologue relu"
      ])
  }

  @Test func normalisationStays() throws {
    let pass = FuseInputNormalization()
    func stays(_ op: Convolution, window: Int = 1, to: Int = 4) throws -> Bool {
      var draft = Draft()
      let convolved = draft.convolution(draft.affine(draft.image), op, window: window, to: to)
      return try draft.graph(convolved).swept(by: pass) == nil
    }
    #expect(try !stays(Convolution()))
    #expect(try stays(Convolution(), window: 3))
    #expect(try stays(Convolution(groups: 3), to: 6))
    // Padding comes behind the affine map, where 0 is not the map of 0.
    #expect(try stays(Convolution(geometry: WindowGeometry(padding: 1))))

    var seen = Draft()
    let normalised = seen.affine(seen.image)
    let pooled = seen.pool(normalised)
    #expect(try seen.graph(pooled, normalised).swept(by: pass) == nil)

    // One op behind two affine maps takes the nearer one, and only that.
    var twice = Draft()
    let behindTwo = twice.builder.spatialMean(
      twice.affine(twice.affine(twice.image, .identity)), label: "mean")
    let once = try #require(try twice.graph(behindTwo).swept(by: pass))
    #expect(try once.swept(by: pass) == nil)

    // As a residual it is not what is convolved.
    var residual = Draft()
    let added = residual.convolution(
      residual.image, Convolution(addsResidual: true), to: 3,
      more: [residual.affine(residual.image)])
    #expect(try residual.graph(added).swept(by: pass) == nil)
  }
}
