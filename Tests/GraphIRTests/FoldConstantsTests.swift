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
    Fold(function: .divide, a: [4], b: [], shape: [4], expected: [0.1, 0.2, 0.3, 0.4]),
    Fold(
      function: .maximum, a: [12], b: [1], shape: [12],
      expected: Array(repeating: 10, count: 10) + [11, 12]),
    Fold(function: .minimum, a: [2, 1], b: [1, 2], shape: [2, 2], expected: [1, 1, 2, 2]),
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

  @Test(arguments: [Binary.Function.maximum, .minimum])
  func extremesPropagateWhatIsNotANumber(function: Binary.Function) throws {
    let numbers: [Float] = [.nan, .infinity, -.infinity, 1, -2]
    var builder = GraphBuilder()
    let column = builder.constant(Tensor(shape: [5, 1], numbers), label: "column")
    let row = builder.constant(Tensor(shape: [5], numbers), label: "row")
    builder.endpoint("result", builder.binary(function, column, row, label: "extreme"))
    let graph = try PassPipeline([FoldConstants()])(builder.build())
    let found = try #require(graph.nodes[0].constant?.floats())
    let (nan, inf) = (Float.nan, Float.infinity)
    let expected: [Float] =
      function == .maximum
      ? [
        nan, nan, nan, nan, nan, nan, inf, inf, inf, inf, nan, inf, -inf, 1, -2, nan, inf, 1, 1, 1,
      ]
        + [nan, inf, -2, 1, -2]
      : [nan, nan, nan, nan, nan, nan, inf, -inf, 1, -2, nan, -inf, -inf, -inf, -inf]
        + [nan, 1, -inf, 1, -2, nan, -2, -inf, -2, -2]
    #expect(found.map { $0.isNaN ? "nan" : "\($0)" } == expected.map { $0.isNaN ? "nan" : "\($0)" })
  }

  @Test func functionsOfWeightsFold() throws {
    func folded(_ function: Unary.Function, _ values: [Float]) throws -> [Float]? {
      var builder = GraphBuilder()
      let operand = builder.constant(Tensor(shape: [values.count], values), label: "operand")
      builder.endpoint("result", builder.unary(function, operand, label: "folded"))
      return try builder.build().swept(by: FoldConstants())?.nodes[0].constant?.floats()
    }
    #expect(try folded(.absolute, [-2, -0.0, 3]) == [2, 0, 3])
    #expect(try folded(.absolute, [-0.0])?[0].sign == .plus)
    #expect(try folded(.negate, [-2, 0, .infinity]) == [2, 0, -.infinity])
    #expect(try folded(.negate, [0])?[0].sign == .minus)
    #expect(try folded(.squareRoot, [4, 0.25, 0]) == [2, 0.5, 0])
    #expect(try folded(.squareRoot, [-1])?[0].isNaN == true)
    #expect(try folded(.reciprocalSquareRoot, [4, 0.25, 0]) == [0.5, 2, .infinity])
    // What rounds differently from library to library is left to the runtime.
    for function in [
      Unary.Function.relu, .leakyRelu(slope: 0.5), .sigmoid, .silu, .gelu, .tanh, .exp, .log,
    ] {
      #expect(try folded(function, [1]) == nil)
    }
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

  @Test func dumpTellsAttributes() throws {
    func detail(_ op: Op) -> String { op.attributes.detail }
    let sides = Padding(top: 0, left: 1, bottom: 2, right: 3)
    #expect(
      detail(.convolution(Convolution(geometry: WindowGeometry(padding: sides))))
        == "padding top 0 left 1 bottom 2 right 3")
    #expect(
      detail(
        .transposedConvolution(
          TransposedConvolution(
            geometry: WindowGeometry(stride: 2), outputPadding: 1, groups: 3, activation: .relu)))
        == "stride 2×2 output padding 1×1 groups 3 relu")
    #expect(
      detail(.resize(Resize(.nearest, to: .scale(height: 2, width: 1.5)))) == "nearest by 2.0×1.5")
    #expect(
      detail(
        .resize(Resize(.bilinear(alignsCorners: true), to: .size(Size2D(height: 4, width: 5)))))
        == "bilinear to 4×5 aligned corners")
    #expect(detail(.reduction(Reduction(.mean, axes: [3, 1]))) == "mean axes 1 3")
    #expect(detail(.unary(Unary(function: .leakyRelu(slope: 0.25)))) == "leakyRelu 0.25")
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
