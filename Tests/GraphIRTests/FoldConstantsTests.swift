import GraphIR
import Testing

/// Folding, broadcasting and pruning.
struct FoldConstantsTests {
  struct Fold: Sendable {
    let function: Binary.Function
    let a: Shape
    let b: Shape
    let shape: Shape
    let expected: [Float]
  }

  /// One operand counts 1, 2, 3, the other 10, 20, 30.
  @Test(arguments: [
    Fold(function: .add, a: [], b: [], shape: [], expected: [11]),
    Fold(function: .subtract, a: [2], b: [], shape: [2], expected: [-9, -8]),
    Fold(function: .multiply, a: [2, 2], b: [2, 1], shape: [2, 2], expected: [10, 20, 60, 80]),
    Fold(function: .multiply, a: [2, 1], b: [1, 2], shape: [2, 2], expected: [10, 20, 20, 40]),
    Fold(function: .add, a: [3], b: [2, 1], shape: [2, 3], expected: [11, 12, 13, 21, 22, 23]),
    Fold(
      function: .multiply, a: [2, 2, 1, 1], b: [2, 1, 1, 1], shape: [2, 2, 1, 1],
      expected: [10, 20, 60, 80]),
    Fold(
      function: .add, a: [2, 1, 2], b: [1, 2, 1], shape: [2, 2, 2],
      expected: [11, 12, 21, 22, 13, 14, 23, 24]),
    Fold(function: .add, a: [1, 1], b: [1], shape: [1, 1], expected: [11]),
    Fold(function: .add, a: [0, 2], b: [2], shape: [0, 2], expected: []),
  ])
  func binary(_ fold: Fold) throws {
    var builder = GraphBuilder()
    func counting(_ shape: Shape, by step: Float) -> Graph.Value {
      let values = (0..<shape.elementCount).map { Float($0 + 1) * step }
      return builder.constant(Tensor(shape: shape, values), label: "operand")
    }
    let (a, b) = (counting(fold.a, by: 1), counting(fold.b, by: 10))
    builder.endpoint("result", builder.binary(fold.function, a, b, label: "fold"))
    let graph = try PassPipeline([FoldConstants()])(builder.build())
    #expect(graph.nodes.count == 1)
    #expect(graph.nodes[0].constant?.shape == fold.shape)
    #expect(graph.nodes[0].constant?.floats() == fold.expected)
  }

  @Test func chainFoldsInOneSweep() throws {
    var builder = GraphBuilder()
    let four = builder.constant(4, label: "four")
    let root = builder.unary(.reciprocalSquareRoot, four, label: "root")
    let sum = builder.binary(.add, root, four, label: "sum")
    builder.endpoint("result", builder.reshape(sum, to: [1, 1], label: "reshaped"))
    let graph = try builder.build()
    let swept = try #require(try graph.swept(by: FoldConstants()))
    #expect(swept.nodes.count == 1)
    #expect(swept.nodes[0].constant?.floats() == [4.5])
    #expect(swept.nodes[0].constant?.shape == [1, 1])
    #expect(swept.nodes[0].label == "reshaped")
    #expect(try swept.swept(by: FoldConstants()) == nil)
  }

  @Test func whatDependsOnAnInputStays() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let scalar = builder.constant(2, label: "two")
    builder.endpoint("result", builder.binary(.multiply, image, scalar, label: "product"))
    // ReLU and pooling are not folded even where they could be.
    builder.endpoint("constant", builder.unary(.relu, scalar, label: "relu"))
    #expect(try builder.build().swept(by: FoldConstants()) == nil)
  }

  @Test func parametersAreBoundFirst() throws {
    var builder = GraphBuilder()
    let weight = builder.parameter("weight", [2])
    builder.endpoint("result", builder.binary(.add, weight, weight, label: "sum"))
    let graph = try builder.build()
    #expect(try graph.swept(by: FoldConstants()) == nil)
    let half = try #require(Tensor(shape: [2], [0.5, 3]).rounded(to: .float16)).tensor
    let bound = try graph.binding(["weight": half, "unused": half])
    #expect(try PassPipeline([FoldConstants()])(bound).nodes[0].constant?.floats() == [1, 6])
  }

  @Test func pruningKeepsWhatEndpointsNeed() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let unused = builder.parameter("unused", [1])
    _ = builder.unary(.relu, unused, label: "dead")
    let a = builder.unary(.relu, image, label: "a")
    let b = builder.unary(.relu, a, label: "b")
    builder.endpoint("a", a)
    builder.endpoint("b", b)
    let graph = try builder.build()
    #expect(try graph.pruned().nodes.map(\.label) == ["image", "a", "b"])
    let cut = try graph.pruned(to: ["a"])
    #expect(cut.nodes.map(\.label) == ["image", "a"])
    #expect(cut.endpoints == ["a": cut.values[1]])
    #expect(try graph.pruned(to: []).nodes.isEmpty)
    #expect(graph.parameters.map(\.name) == ["unused"] && graph.inputs.map(\.name) == ["image"])
  }

  @Test func dumpNamesNodesAndEndpoints() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 3)
    let weight = builder.parameter("weight", [4, 3, 7, 7])
    let geometry = WindowGeometry(stride: 2, padding: 3)
    builder.endpoint(
      "map", builder.convolution(image, weight: weight, geometry, label: "features.conv0"))
    #expect(
      try builder.build().description == """
        %0 = input "image" channels 3   image
        %1 = parameter 4×3×7×7   weight
        %2 = convolution %0 %1 stride 2×2 padding 3×3   features.conv0
        map: %2
        """)
  }
}

/// Suggestions for mistyped names.
struct NearestNameTests {
  @Test(arguments: [
    ("logit", "logits"), ("LOGITS", "logits"), ("lgoits", "logits"), ("feature", "features"),
    ("densenet121-res224-al", "densenet121-res224-all"),
  ])
  func near(_ typed: String, _ expected: String) {
    let names = ["features", "featureMap", "logits", "densenet121-res224-all"]
    #expect(nearestName(to: typed, in: names) == expected)
  }

  @Test(arguments: ["", "x", "mask", "resnet50-res512-all-of-it"])
  func far(_ typed: String) {
    #expect(nearestName(to: typed, in: ["features", "logits"]) == nil)
  }

  @Test func aThirdOfTheLongerNameIsTheLimit() {
    #expect(nearestName(to: "abcdef", in: ["abcdXY"]) == "abcdXY")
    #expect(nearestName(to: "abcdef", in: ["abcXYZ"]) == nil)
    #expect(nearestName(to: "abc", in: ["abX", "abc"]) == "abc")
    #expect(nearestName(to: "abc", in: [String]()) == nil)
  }
}
