import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Sessions for exact shapes: images as one batch, and endpoints of every kind.
struct WholeBatchTests {
  /// Every op over images, their channels filling no block.
  private static func graph() throws -> Graph {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 3)
    func parameter(_ name: String, _ shape: Shape) -> Graph.Value {
      builder.parameter(name, shape)
    }
    let stem = builder.convolution(
      image, weight: parameter("stem", [18, 3, 3, 3]), WindowGeometry(padding: 1), label: "stem")
    let depthwise = builder.convolution(
      stem, weight: parameter("depthwise", [18, 1, 3, 3]), WindowGeometry(stride: 2, padding: 1),
      groups: 18, label: "depthwise")
    let up = builder.transposedConvolution(
      depthwise, weight: parameter("up", [18, 20, 2, 2]), WindowGeometry(stride: 2), label: "up")
    let norm = builder.batchNorm(
      up, gamma: parameter("gamma", [20]), beta: parameter("beta", [20]),
      mean: parameter("mean", [20]), variance: parameter("variance.running_var", [20]),
      label: "norm")
    let wide = builder.convolution(
      builder.unary(.silu, norm, label: "silu"), weight: parameter("wide", [20, 20, 3, 3]),
      WindowGeometry(padding: 1), label: "wide")
    let sum = builder.binary(.add, wide, up, label: "sum")
    let map = builder.concatenation([stem, sum], label: "map")
    builder.endpoint("map", map)
    let pooled = builder.pooling(
      .average, map, window: 2, WindowGeometry(stride: 2), label: "pool")
    let resized = builder.resize(
      pooled, .bilinear(alignsCorners: false), to: .size(7), label: "resized")
    let scale = builder.reduction(.mean, resized, axes: [2, 3], label: "scale")
    let scaled = builder.binary(.multiply, resized, scale, label: "scaled")
    let features = builder.spatialMean(scaled, label: "features")
    builder.endpoint(
      "logits",
      builder.linear(
        features, weight: parameter("weight", [5, 38]), bias: parameter("bias", [5]),
        label: "logits"))
    return try builder.build()
  }

  /// A batch at once gives each image the very bits that it has by itself.
  @Test(arguments: Precision.allCases, [0, 1, 3])
  func batchMatchesImages(_ precision: Precision, _ images: Int) throws {
    let graph = try Self.graph()
    let weights = CounterFill.weights(for: graph)
    let shape: Shape = [images, 3, 12, 10]
    let image = Tensor(
      shape: shape, CounterFill.symmetric("images", count: shape.elementCount, bound: 1))
    #expect(
      try graph.isIndependentAlongBatch(shapes: graph.shapes(inputs: ["image": shape])))
    for kernels in Kernels.available {
      for threads in [1, 2, 5] {
        func session(_ shape: Shape, _ batching: Session.Batching) throws -> Session {
          try Session(
            graph, weights: weights, inputShapes: ["image": shape], batching: batching,
            precision: precision, threads: Threads(threads), kernels: kernels)
        }
        let alone = try session([1, 3, 12, 10], .perImage).run(["image": image])
        let whole = try session(shape, .whole).run(["image": image])
        #expect(whole.keys.sorted() == ["logits", "map"])
        for (name, tensor) in whole {
          #expect(tensor.shape == alone[name]?.shape)
          #expect(
            tensor.floats()?.map(\.bitPattern) == alone[name]?.floats()?.map(\.bitPattern),
            "\(kernels.name) \(name)")
        }
      }
    }
  }

  /// One value under two names, an input that is asked for, a part of one, and constants.
  @Test func endpoints() throws {
    var builder = GraphBuilder()
    let input = builder.input("input", shape: [2, 3])
    let scalar = builder.input("scalar", shape: [])
    _ = builder.input("unused", shape: [4])
    let row = builder.slice(input, starts: [1, 0], extents: [1, 3], steps: [1, 1], label: "row")
    let two = builder.constant(2, label: "two")
    builder.endpoint("input", input)
    builder.endpoint("again", input)
    builder.endpoint("scalar", scalar)
    builder.endpoint("row", row)
    builder.endpoint("flat", builder.reshape(row, to: [3], label: "flat"))
    builder.endpoint("two", two)
    builder.endpoint("e", builder.unary(.exp, builder.constant(0, label: "zero"), label: "e"))
    builder.endpoint("sum", builder.binary(.add, scalar, two, label: "sum"))
    let inputs = [
      "input": Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6]), "scalar": Tensor(shape: [], [7]),
      "unused": Tensor(shape: [4], [0, 0, 0, 0]),
    ]
    let session = try Session(
      builder.build(), weights: [:], inputShapes: inputs.mapValues(\.shape), batching: .whole,
      threads: Threads(2), kernels: .forThisMachine())
    let outputs = try session.run(inputs)
    #expect(
      outputs.mapValues { $0.floats() } == [
        "input": [1, 2, 3, 4, 5, 6], "again": [1, 2, 3, 4, 5, 6], "scalar": [7], "row": [4, 5, 6],
        "flat": [4, 5, 6], "two": [2], "e": [1], "sum": [9],
      ])
    #expect(outputs["row"]?.shape == [1, 3] && outputs["flat"]?.shape == [3])
    #expect(outputs["scalar"]?.shape == [] && session.outputShapes["two"] == [])
  }

  /// Parts of a value, and the same under another shape, are read where they lie.
  @Test func partsAreNotCopied() throws {
    var builder = GraphBuilder()
    let input = builder.input("input", shape: [4, 6])
    let relu = builder.unary(.relu, input, label: "relu")
    let half = builder.slice(
      relu, starts: [2, 0], extents: [2, 6], steps: [1, 1], label: "half")
    let flat = builder.reshape(half, to: [3, 4], label: "flat")
    let same = builder.transpose(
      builder.reshape(flat, to: [3, 1, 4], label: "thick"), permutation: [1, 0, 2], label: "same")
    builder.endpoint("result", builder.unary(.negate, same, label: "negate"))
    let tensor = Tensor(shape: [4, 6], (0..<24).map { Float($0) - 18 })
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["input": [4, 6]], batching: .whole,
      threads: Threads(1), kernels: .forThisMachine())
    let steps = try session.profile(["input": tensor], runs: 1).map(\.label)
    #expect(steps == ["relu", "negate"])
    let result = try session.run(["input": tensor])["result"]
    #expect(result?.floats() == [0, 0, 0, 0, 0, 0, 0, -1, -2, -3, -4, -5])
    #expect(result?.shape == [1, 3, 4])
  }

  /// A window that a small file asks for may be larger than any memory.
  @Test func endlessWindow() throws {
    var builder = GraphBuilder()
    let one = builder.input("one", shape: [])
    let side = Int(Int32.max) - 1
    let weight = builder.broadcast(one, to: [1, 1, 1, side], label: "weight")
    let image = builder.broadcast(one, to: [1, 1, 1, 1], label: "image")
    let padding = Padding(top: 0, left: side, bottom: 0, right: side - 8)
    builder.endpoint(
      "result",
      builder.convolution(
        image, weight: weight, WindowGeometry(padding: padding), label: "convolution"))
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["one": []], batching: .whole,
      threads: Threads(1), kernels: .forThisMachine())
    #expect(throws: RuntimeError.tooLarge) { try session.run(["one": Tensor(shape: [], [1])]) }
  }
}
