import Converter
import GraphIR

/// A call of one of PyTorch's operators, read as an op of a graph.
struct ScriptCall {
  let trace: ScriptTrace
  let name: String
  let arguments: [ScriptTrace.Operand]
  let keywords: [String: ScriptTrace.Operand]

  /// Reads the call as an op.
  ///
  /// - Parameters:
  ///   - op: what the graph computes.
  ///   - isPixel: whether the graph's first operand is an image of one pixel.
  /// - Returns: the tensors that are the op's operands, in its order; nil where the call is no such
  ///   op or has other settings.
  func operands(of op: Op, isPixel: Bool) -> [Int]? {
    switch op {
    case .convolution(let op): convolution(op)
    case .batchNorm(let op): batchNorm(op)
    case .unary(let op): unary(op)
    case .pooling(let op): pooling(op)
    case .reduction(let op): reduction(op)
    case .concatenation(let op): concatenation(op)
    case .linear: linear
    case .spatialMean: isPixel ? flattened : nil
    default: nil
    }
  }

  /// The same for ops of two operands.
  func operands(of op: Binary) -> (Int, Int)? {
    let names =
      switch op.function {
      case .add: ["add"]
      case .multiply: ["mul", "multiply"]
      default: [String]()
      }
    // `add` multiplies its second operand by `alpha`.
    let scales = arguments.dropFirst(2) + keywords.values
    guard names.contains(name), arguments.count >= 2, Set(keywords.keys).isSubset(of: ["alpha"]),
      scales.allSatisfy({ $0.number == 1 }), let a = tensor(0), let b = tensor(1)
    else { return nil }
    return (a, b)
  }

  private func convolution(_ op: Convolution) -> [Int]? {
    let groups: Int?
    switch name {
    case "conv2d": groups = arguments.count > 6 ? arguments[6].integer : 1
    case "_convolution", "convolution":
      // Not transposed.
      guard arguments.count > 8, arguments[6] == .constant(.bool(false)) else { return nil }
      groups = arguments[8].integer
    default: return nil
    }
    guard keywords.isEmpty, arguments.count > 1, let image = tensor(0), let weight = tensor(1),
      sizes(3, otherwise: [1, 1]) == op.geometry.stride.extents,
      sizes(4, otherwise: [0, 0]).map({ $0 + $0 }) == op.geometry.padding.extents,
      sizes(5, otherwise: [1, 1]) == op.geometry.dilation.extents, groups == op.groups,
      op.prologue == nil, !op.addsResidual, op.activation == .identity
    else { return nil }
    if arguments.count < 3 || arguments[2] == .constant(.none) { return [image, weight] }
    return tensor(2).map { [image, weight, $0] }
  }

  private func batchNorm(_ op: BatchNorm) -> [Int]? {
    let tensors = (0..<5).compactMap(tensor)
    guard name == "batch_norm", tensors.count == 5, arguments.count > 7,
      arguments[5] == .constant(.bool(false)), arguments[7].number.map(Float.init) == op.epsilon
    else { return nil }
    return tensors
  }

  private func unary(_ op: Unary) -> [Int]? {
    let names: [Unary.Function: String] = [
      .relu: "relu", .sigmoid: "sigmoid", .tanh: "tanh", .silu: "silu", .exp: "exp",
    ]
    guard names[op.function] == name, arguments.count == 1, keywords.isEmpty else { return nil }
    return tensor(0).map { [$0] }
  }

  private func pooling(_ op: Pooling) -> [Int]? {
    guard op.kind == .maximum, name == "max_pool2d", keywords.isEmpty, arguments.count == 6,
      let image = tensor(0), let window = sizes(1), let padding = sizes(3),
      window == op.window.extents, sizes(4) == op.geometry.dilation.extents
    else { return nil }
    let stride = arguments[2] == .list([]) ? window : sizes(2)
    guard stride == op.geometry.stride.extents else { return nil }
    let around = op.geometry.padding.extents
    switch arguments[5] {
    case .constant(.bool(false)): return padding + padding == around ? [image] : nil
    case .constant(.bool(true)):
      // Windows that stick out are windows of a padded image where each begins in the image itself.
      guard padding == [0, 0], zip(op.geometry.stride.extents, window).allSatisfy(<=),
        around == [0, 0] + op.geometry.stride.extents.map({ $0 - 1 })
      else { return nil }
      return [image]
    default: return nil
    }
  }

  private func reduction(_ op: Reduction) -> [Int]? {
    guard op.axes == [2, 3], keywords.isEmpty, arguments.count >= 2 else { return nil }
    let isWhole = arguments.count == 2 && sizes(1) == [1, 1]
    let keepsAxes =
      [[2, 3], [-2, -1], [-1, -2], [3, 2]].contains(sizes(1)) && arguments.count > 2
      && arguments[2] == .constant(.bool(true))
      && arguments.dropFirst(3).allSatisfy { $0 == .constant(.none) }
    let fits =
      switch op.function {
      case .mean: name == "adaptive_avg_pool2d" && isWhole || name == "mean" && keepsAxes
      case .maximum: name == "adaptive_max_pool2d" && isWhole || name == "amax" && keepsAxes
      default: false
      }
    return fits ? tensor(0).map { [$0] } : nil
  }

  private func concatenation(_ op: Concatenation) -> [Int]? {
    guard ["cat", "concat"].contains(name), arguments.count == 2, keywords.isEmpty,
      arguments[1].integer == op.axis, case .list(let items) = arguments[0]
    else { return nil }
    let tensors = items.compactMap(\.node)
    return tensors.count == items.count ? tensors : nil
  }

  private var linear: [Int]? {
    if name == "linear" {
      let tensors = (0..<3).compactMap(tensor)
      return arguments.count == 3 && keywords.isEmpty && tensors.count == 3 ? tensors : nil
    }
    // As older versions trace it: bias, input, the weight turned over, and two factors.
    let factors = arguments.dropFirst(3) + keywords.values
    guard name == "addmm", Set(keywords.keys).isSubset(of: ["alpha", "beta"]),
      factors.allSatisfy({ $0.number == 1 }), let bias = tensor(0), let input = tensor(1),
      let turned = tensor(2), case .call("t", let operand, _) = trace.nodes[turned],
      operand.count == 1, let weight = operand[0].node
    else { return nil }
    return [input, weight, bias]
  }

  /// `[batch, channels, 1, 1]` as `[batch, channels]`.
  private var flattened: [Int]? {
    let fits =
      switch name {
      case "view", "reshape":
        arguments.count == 2 && arguments[1] == .list([.batch, .constant(.integer(-1))])
      case "flatten":
        (2...3).contains(arguments.count) && arguments[1].integer == 1
          && arguments.dropFirst(2).allSatisfy { [-1, 3].contains($0.integer) }
      default: false
      }
    return fits && keywords.isEmpty ? tensor(0).map { [$0] } : nil
  }

  private func tensor(_ index: Int) -> Int? {
    arguments.indices.contains(index) ? arguments[index].node : nil
  }

  /// Two numbers, perhaps given as one.
  private func sizes(_ index: Int) -> [Int]? {
    guard arguments.indices.contains(index) else { return nil }
    if let number = arguments[index].integer { return [number, number] }
    guard case .list(let items) = arguments[index] else { return nil }
    let numbers = items.compactMap(\.integer)
    guard numbers.count == items.count, (1...2).contains(numbers.count) else { return nil }
    return numbers.count == 1 ? numbers + numbers : numbers
  }

  private func sizes(_ index: Int, otherwise value: [Int]) -> [Int]? {
    arguments.indices.contains(index) ? sizes(index) : value
  }

  /// As it might stand in the code, tensors as dots.
  var words: String {
    let shown =
      arguments.prefix(Self.mostShown).map { $0.words(depth: 0) }
      + keywords.sorted { $0.key < $1.key }.prefix(Self.mostShown)
      .map { "\($0.key)=\($0.value.words(depth: 0))" }
    let text = "\(name)(\(shown.joined(separator: ", ")))"
    return text.count > Self.longestText ? text.prefix(Self.longestText) + "…" : text
  }

  private static let mostShown = 16
  private static let longestText = 200
}

extension ScriptTrace.Operand {
  var node: Int? { if case .node(let node) = self { node } else { nil } }

  var integer: Int? { if case .constant(.integer(let value)) = self { value } else { nil } }

  var number: Double? { if case .constant(let constant) = self { constant.number } else { nil } }

  fileprivate func words(depth: Int) -> String {
    switch self {
    case .node: "·"
    case .batch: "N"
    case .unknown: "?"
    case .constant(.none): "None"
    case .constant(.bool(let value)): value ? "True" : "False"
    case .constant(.integer(let value)): "\(value)"
    case .constant(.number(let value)): "\(value)"
    case .constant(.text): "a text"
    case .list(let items):
      depth > 2 || items.count > 8
        ? "[…]" : "[" + items.map { $0.words(depth: depth + 1) }.joined(separator: ", ") + "]"
    }
  }
}

extension Size2D {
  fileprivate var extents: [Int] { [height, width] }
}

extension Padding {
  fileprivate var extents: [Int] { [top, left, bottom, right] }
}
