import GraphIR
import TestSupport
import Testing

/// Every sentence that a graph is refused with.
struct GraphErrorTests {
  @Test(
    arguments: verifierCases + endpointCases + bindingCases + shapeCases + resamplingCases
      + rearrangingCases)
  func sentence(_ test: SentenceCase) throws {
    let error = #expect(throws: GraphError.self) { try test.provoke() }
    #expect(error.map { "\($0)" } == test.sentence)
  }

  private static func node(
    _ op: Op, _ inputs: [Int] = [], _ label: String = "layer"
  ) throws -> Graph.Node {
    // Only builders make nodes, so a node with wrong operands is taken from one.
    var builder = GraphBuilder()
    _ = builder.add(op, inputs.map(Graph.Value.init), label: label)
    return builder.nodes[0]
  }

  static let verifierCases = [
    SentenceCase(
      "operand from later", "layer (unary): operand %1 is not made by an earlier node"
    ) {
      let nodes = [
        try node(.input(Input("image", .image(channels: 1))), [], "image"),
        try node(.unary(Unary(function: .relu)), [1]),
      ]
      _ = try Graph(nodes: nodes, endpoints: [:])
    },
    SentenceCase("negative operand", "layer (unary): operand %-1 is not made by an earlier node") {
      _ = try Graph(
        nodes: [try node(.unary(Unary(function: .relu)), [-1])], endpoints: [:])
    },
    SentenceCase("operand count", "layer (unary): has 0 operands, needs 1") {
      _ = try Graph(nodes: [try node(.unary(Unary(function: .relu)))], endpoints: [:])
    },
    SentenceCase("operand count of a range", "layer (convolution): has 1 operands, needs 2 to 3") {
      let nodes = [
        try node(.input(Input("image", .image(channels: 1))), [], "image"),
        try node(.convolution(Convolution()), [0]),
      ]
      _ = try Graph(nodes: nodes, endpoints: [:])
    },
    SentenceCase(
      "operand count with a prologue and a residual",
      "layer (convolution): has 4 operands, needs 5 to 6"
    ) {
      let nodes = [
        try node(.input(Input("image", .image(channels: 1))), [], "image"),
        try node(
          .convolution(Convolution(prologue: .relu, addsResidual: true)), [0, 0, 0, 0]),
      ]
      _ = try Graph(nodes: nodes, endpoints: [:])
    },
    SentenceCase("duplicate input", "image (input): the name image is used twice") {
      var builder = GraphBuilder()
      _ = builder.input("image", channels: 1)
      _ = builder.input("image", channels: 1)
      _ = try builder.build()
    },
    SentenceCase("duplicate parameter", "w (parameter): the name w is used twice") {
      var builder = GraphBuilder()
      _ = builder.parameter("w", [1])
      _ = builder.parameter("w", [1])
      _ = try builder.build()
    },
    SentenceCase("endpoint of nothing", "endpoint logits names no node") {
      _ = try Graph(nodes: [], endpoints: ["logits": Graph.Value(0)])
    },
  ]

  private static func small() throws -> Graph {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 2)
    let weight = builder.parameter("weight", [3, 2, 3, 3])
    builder.endpoint("logits", builder.convolution(image, weight: weight, label: "conv"))
    builder.endpoint("image", image)
    return try builder.build()
  }

  static let endpointCases = [
    SentenceCase(
      "unknown endpoint",
      "no output is named logit (did you mean logits?); there are image, logits"
    ) { _ = try small().pruned(to: ["logit"]) },
    SentenceCase("unknown endpoint, none near", "no output is named mask; there are image, logits")
    {
      _ = try small().pruned(to: ["mask"])
    },
    SentenceCase("unknown input", "no input is named imag (did you mean image?); there are image") {
      _ = try small().shapes(inputs: ["image": [1, 2, 4, 4], "imag": [1]])
    },
    SentenceCase("missing input", "image (input): the input image was not given") {
      _ = try small().shapes(inputs: [:])
    },
  ]

  static let bindingCases = [
    SentenceCase("missing weight", "weight (parameter): the weights have no tensor of this name") {
      _ = try small().binding([:])
    },
    SentenceCase(
      "weight of another shape",
      "weight (parameter): the tensor is 1, the architecture needs 3×2×3×3"
    ) { _ = try small().binding(["weight": Tensor(shape: [1], [0])]) },
    SentenceCase(
      "complex weight",
      "weight (parameter): the tensor holds C64 values, weights must be real numbers"
    ) {
      let storage = ByteStorage(count: 54 * 8) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
      _ = try small().binding([
        "weight": Tensor(dtype: .complex64, shape: [3, 2, 3, 3], storage: storage)
      ])
    },
  ]
}
