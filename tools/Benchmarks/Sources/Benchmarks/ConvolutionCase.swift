import XRayZoo

/// A convolution as networks have it: one line of the list of shapes that kernels are judged by.
struct ConvolutionCase: Hashable {
  /// `[1, channels, height, width]`.
  let image: Shape
  /// `[outChannels, channels / groups, windowHeight, windowWidth]`.
  let weight: Shape
  let convolution: Convolution
  /// Whether a batch norm with ReLU that no earlier convolution can take in stands in front.
  let hasPrologue: Bool

  var label: String {
    let window = "\(weight[2])x\(weight[3])"
    let stride = convolution.geometry.stride == 1 ? "" : " /\(convolution.geometry.stride.height)"
    let prologue = hasPrologue ? "bn-relu " : ""
    return "\(prologue)\(window)\(stride) \(weight[1])->\(weight[0]) @\(image[2])x\(image[3])"
  }

  /// The distinct convolutions of a network in the order of their first appearance, and how often
  /// each occurs.
  static func all(in network: Network, size: Int) throws -> [(case: Self, count: Int)] {
    let graph = try network.graph()
    let shapes = try graph.shapes(inputs: [Model.inputName: [1, network.channels, size, size]])
    var order = [Self]()
    var counts = [Self: Int]()
    for node in graph.nodes {
      guard case .convolution(let convolution) = node.op else { continue }
      let found = Self(
        image: shapes[node.inputs[0].index], weight: shapes[node.inputs[1].index],
        convolution: convolution, hasPrologue: hasPrologue(node, in: graph))
      if counts[found] == nil { order.append(found) }
      counts[found, default: 0] += 1
    }
    return order.map { ($0, counts[$0] ?? 0) }
  }

  private static func hasPrologue(_ node: Graph.Node, in graph: Graph) -> Bool {
    let activation = graph[node.inputs[0]]
    guard case .unary = activation.op else { return false }
    let norm = graph[activation.inputs[0]]
    guard case .batchNorm = norm.op else { return false }
    if case .convolution = graph[norm.inputs[0]].op { return false }
    return true
  }

  /// The convolution alone, after its prologue where it has one.
  func graph() throws -> Graph {
    var builder = GraphBuilder()
    var value = builder.input(Model.inputName, channels: image[1])
    if hasPrologue {
      value = builder.batchNorm(
        value, gamma: builder.parameter("norm.weight", [image[1]]),
        beta: builder.parameter("norm.bias", [image[1]]),
        mean: builder.parameter("norm.running_mean", [image[1]]),
        variance: builder.parameter("norm.running_var", [image[1]]), label: "norm")
      value = builder.unary(.relu, value, label: "relu")
    }
    value = builder.convolution(
      value, weight: builder.parameter("convolution.weight", weight), convolution.geometry,
      groups: convolution.groups, label: "convolution")
    builder.endpoint(Self.endpoint, value)
    return try builder.build()
  }

  static let endpoint = "map"
}
