import GraphIR
import TestSupport

/// A graph of ops drawn from all there are, over small whole numbers, of which sums and products are
/// exact in any order.
struct RandomGraph {
  private(set) var builder = GraphBuilder()
  /// The values so far with their shapes; constants too.
  private(set) var values: [(value: Graph.Value, shape: Shape)] = []
  private(set) var inputs: [String: Tensor] = [:]
  private var draw: Draw
  /// Whether functions that are not exact take part.
  private let isWild: Bool

  init(seed: String, nodes: Int, isWild: Bool) throws {
    draw = Draw(seed)
    self.isWild = isWild
    for _ in 0..<2 + draw.below(3) { source() }
    var attempts = 0
    while values.count < nodes, attempts < 40 * nodes {
      attempts += 1
      step()
    }
  }

  private mutating func shape() -> Shape {
    // Images are what most ops are about.
    let rank = draw.below(3) == 0 ? 4 : draw.below(6)
    return Shape((0..<rank).map { _ in draw.below(12) == 0 ? 0 : 1 + draw.below(4) })
  }

  private mutating func tensor(_ shape: Shape) -> Tensor {
    let stream = "random/\(values.count)/\(draw.below(1 << 20))"
    let uniform = CounterFill.uniform(stream, count: shape.elementCount)
    let special: [Float] = [.nan, .infinity, -.infinity, -0.0, 3e38, .leastNonzeroMagnitude]
    let isSpecial = isWild && draw.below(3) == 0
    return Tensor(
      shape: shape,
      uniform.map {
        isSpecial && $0 < 0.3 ? special[Int($0 * 20)] : ($0 * 5).rounded(.down) - 2
      })
  }

  private mutating func source(_ shape: Shape? = nil) {
    let shape = shape ?? self.shape()
    let tensor = tensor(shape)
    if draw.below(3) == 0 {
      values.append((builder.constant(tensor, label: "constant"), shape))
    } else {
      let name = "\(values.count)"
      inputs[name] = tensor
      values.append((builder.input(name, shape: shape), shape))
    }
  }

  private mutating func any() -> (value: Graph.Value, shape: Shape) { draw.one(of: values) }

  /// Another operand of this shape, drawn or made.
  private mutating func operand(_ shape: Shape) -> Graph.Value {
    let known = values.filter { $0.shape == shape }
    if !known.isEmpty, draw.below(3) > 0 { return draw.one(of: known).value }
    source(shape)
    return values[values.count - 1].value
  }

  private mutating func image() -> (value: Graph.Value, shape: Shape)? {
    let images = values.filter { $0.shape.count == 4 }
    return images.isEmpty ? nil : draw.one(of: images)
  }

  private mutating func axis(_ shape: Shape) -> Int { draw.below(max(1, shape.count)) }

  private mutating func size(_ most: Int) -> Size2D {
    Size2D(height: 1 + draw.below(most), width: 1 + draw.below(most))
  }

  private mutating func geometry(_ padding: Int) -> WindowGeometry {
    func side() -> Int { draw.below(padding + 1) }
    return WindowGeometry(
      stride: size(2), padding: Padding(top: side(), left: side(), bottom: side(), right: side()),
      dilation: size(2))
  }

  /// Adds a node, unless what was drawn fits nothing.
  private mutating func step() {
    let kept = self
    guard let value = drawn(), let shape = shape(of: value),
      shape.count <= 6, shape.elementCount <= 4096
    else {
      self = kept
      // The draw must not repeat itself.
      _ = draw.below(2)
      draw = Draw("\(values.count)/\(draw.below(1 << 20))")
      return
    }
    values.append((value, shape))
    guard !isWild else { return }
    // Numbers stay so small that everything is exact.
    let limits = [-4, 4].map { builder.constant(Float($0), label: "limit") }
    let below = builder.binary(.minimum, value, limits[1], label: "below")
    values.append((builder.binary(.maximum, below, limits[0], label: "between"), shape))
  }

  private func shape(of value: Graph.Value) -> Shape? {
    guard let graph = try? builder.build() else { return nil }
    return (try? graph.shapes(inputs: inputs.mapValues(\.shape)))?[value.index]
  }

  private mutating func drawn() -> Graph.Value? {
    switch draw.below(20) {
    case 0, 1: return unary()
    case 2, 3: return binary()
    case 4:
      let (value, shape) = any()
      return builder.transpose(value, permutation: permutation(shape.count), label: "transpose")
    case 5: return slice()
    case 6: return pad()
    case 7:
      let (value, shape) = any()
      let more = Array((0..<draw.below(2)).map { _ in 1 + draw.below(3) })
      let repeated = shape.map { $0 == 1 ? 1 + draw.below(3) : $0 }
      return builder.broadcast(value, to: Shape(more + repeated), label: "broadcast")
    case 8: return reshape()
    case 9: return product()
    case 10:
      let (value, shape) = any()
      guard !shape.isEmpty else { return nil }
      return builder.gather(value, indices: any().value, axis: axis(shape), label: "gather")
    case 11:
      let (value, shape) = any()
      guard !shape.isEmpty else { return nil }
      return builder.argExtremum(
        draw.below(2) == 0 ? .maximum : .minimum, value, axis: axis(shape),
        takesLast: draw.below(2) == 0, label: "place")
    case 12: return builder.select(any().value, any().value, any().value, label: "select")
    case 13:
      let (value, shape) = any()
      let functions: [Reduction.Function] =
        isWild ? [.sum, .mean, .product, .maximum, .minimum] : [.sum, .maximum, .minimum]
      let axes = Set(shape.indices.filter { _ in draw.below(2) == 0 })
      return builder.reduction(draw.one(of: functions), value, axes: axes, label: "reduction")
    case 14:
      let (value, shape) = any()
      guard !shape.isEmpty else { return nil }
      let axis = axis(shape)
      var other = shape.dimensions
      other[axis] = draw.below(4)
      var parts = [value, operand(Shape(other))]
      if draw.below(3) == 0 { parts.append(value) }
      return builder.concatenation(parts, axis: axis, label: "concatenation")
    default: return imageOp()
    }
  }

  private mutating func permutation(_ rank: Int) -> [Int] {
    var left = Array(0..<rank)
    return (0..<rank).map { _ in left.remove(at: draw.below(left.count)) }
  }

  private mutating func unary() -> Graph.Value {
    let exact: [Unary.Function] = [
      .relu, .absolute, .negate, .floor, .ceiling, .round, .truncate, .sign,
      .leakyRelu(slope: 0.5),
    ]
    let wild: [Unary.Function] = [
      .sigmoid, .silu, .gelu, .tanh, .exp, .log, .squareRoot, .reciprocalSquareRoot, .erf, .sine,
      .cosine, .elu(alpha: 0.3), .softplus,
    ]
    return builder.unary(
      draw.one(of: isWild ? exact + wild : exact), any().value, label: "unary")
  }

  private mutating func binary() -> Graph.Value {
    let exact: [Binary.Function] = [
      .add, .subtract, .multiply, .maximum, .minimum, .less, .lessOrEqual, .equal,
    ]
    let function = draw.one(of: isWild ? exact + [.divide, .power, .remainder] : exact)
    return builder.binary(function, any().value, any().value, label: "binary")
  }

  private mutating func slice() -> Graph.Value {
    let (value, shape) = any()
    var (starts, extents, steps) = ([Int](), [Int](), [Int]())
    for extent in shape {
      let step = draw.one(of: [1, 1, 2, -1, -2])
      let count = draw.below(extent / abs(step) + 1)
      let reach = max(0, count - 1) * abs(step)
      let start = draw.below(max(1, extent - reach))
      starts.append(step > 0 ? start : start + reach)
      extents.append(count)
      steps.append(step)
    }
    return builder.slice(value, starts: starts, extents: extents, steps: steps, label: "slice")
  }

  private mutating func pad() -> Graph.Value {
    let (value, shape) = any()
    let mode = draw.one(of: [Pad.Mode.constant(3), .edge, .reflect, .wrap])
    return builder.pad(
      value, before: shape.map { _ in draw.below(3) }, after: shape.map { _ in draw.below(3) },
      mode, label: "pad")
  }

  private mutating func reshape() -> Graph.Value {
    let (value, shape) = any()
    // Neighbours joined, or an axis of one put in.
    var extents = shape.dimensions
    if extents.count > 1, draw.below(2) == 0 {
      let axis = draw.below(extents.count - 1)
      extents[axis] *= extents.remove(at: axis + 1)
    } else {
      extents.insert(1, at: draw.below(extents.count + 1))
    }
    return builder.reshape(value, to: Shape(extents), label: "reshape")
  }

  private mutating func product() -> Graph.Value? {
    let (value, shape) = any()
    guard shape.count >= 2 else { return nil }
    let outer = shape.dropLast(2).map { draw.below(2) == 0 ? $0 : 1 }
    let inner = Shape(
      outer.suffix(draw.below(outer.count + 1)) + [shape[shape.count - 1], draw.below(20)])
    return builder.matrixProduct(value, operand(inner), label: "product")
  }

  private mutating func imageOp() -> Graph.Value? {
    guard let (value, shape) = image() else { return nil }
    let channels = shape[1]
    switch draw.below(7) {
    case 0, 1:
      let groups = channels > 1 && draw.below(3) == 0 ? channels : 1
      let outputs = draw.below(3) == 0 ? 17 : groups * draw.below(3)
      let window = size(3)
      let weight = operand([outputs, channels / groups, window.height, window.width])
      let bias = draw.below(2) == 0 ? operand([outputs]) : nil
      return builder.convolution(
        value, weight: weight, bias: bias, geometry(2), groups: groups, label: "convolution")
    case 2:
      let groups = channels > 1 && draw.below(3) == 0 ? channels : 1
      let window = size(3)
      let weight = operand([channels, 1 + draw.below(3), window.height, window.width])
      return builder.transposedConvolution(
        value, weight: weight, geometry(1), groups: groups, label: "transposed")
    case 3:
      let window = size(3)
      let padding = min(window.height, window.width) / 2
      return builder.pooling(
        isWild && draw.below(2) == 0 ? .average : .maximum, value, window: window,
        geometry(padding), label: "pooling")
    case 4:
      let filter = isWild ? Resize.Filter.bilinear(alignsCorners: draw.below(2) == 0) : .nearest
      return builder.resize(value, filter, to: .size(size(6)), label: "resize")
    case 5:
      guard isWild else { return nil }
      return builder.batchNorm(
        value, gamma: operand([channels]), beta: operand([channels]), mean: operand([channels]),
        variance: operand([channels]), label: "norm")
    default:
      guard isWild else { return nil }
      let mean = builder.spatialMean(value, label: "mean")
      let outputs = draw.below(4)
      return builder.linear(
        mean, weight: operand([outputs, channels]), bias: operand([outputs]), label: "linear")
    }
  }
}
