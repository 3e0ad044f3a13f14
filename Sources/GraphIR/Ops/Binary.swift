/// A function of two numbers, applied element by element; operands broadcast as in NumPy.
public struct Binary: OpAttributes, Hashable {
  /// The functions there are.
  public enum Function: String, Hashable, Sendable {
    case add
    case subtract
    case multiply
    case divide
    /// Not a number where either operand is none, as `torch.maximum`.
    case maximum
    /// Not a number where either operand is none, as `torch.minimum`.
    case minimum
  }

  /// The op's name in dumps and messages.
  public static let name = "binary"
  /// The function.
  public let function: Function
  /// Two operands.
  public var operandCounts: ClosedRange<Int> { 2...2 }
  /// The function's name.
  public var detail: String { function.rawValue }

  /// The broadcast shape.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    guard let shape = inputs[0].broadcast(with: inputs[1]) else {
      throw .notBroadcastable(inputs[0], inputs[1])
    }
    return shape
  }

  /// Folds constant operands.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else { return nil }
    let walk = BroadcastWalk(inputs[0].shape, inputs[1].shape, result: shape)
    let result = inputs[0].withFloats { a in
      inputs[1].withFloats { b in
        Tensor(shape: shape) { result in
          switch function {
          case .add: walk.fill(result, a, b) { $0 + $1 }
          case .subtract: walk.fill(result, a, b) { $0 - $1 }
          case .multiply: walk.fill(result, a, b) { $0 * $1 }
          case .divide: walk.fill(result, a, b) { $0 / $1 }
          // A comparison with a NaN on either side fails; the sum of both is one.
          case .maximum: walk.fill(result, a, b) { $0 >= $1 ? $0 : $0 < $1 ? $1 : $0 + $1 }
          case .minimum: walk.fill(result, a, b) { $0 <= $1 ? $0 : $0 > $1 ? $1 : $0 + $1 }
          }
        }
      }
    }
    return result ?? nil
  }
}

/// How two broadcast operands are walked through to make a result: in runs along which each
/// advances evenly or stands still.
private struct BroadcastWalk {
  private var run = 1
  private var aStep = 0
  private var bStep = 0
  // The axes around a run, outermost first.
  private var outer: [(extent: Int, a: Int, b: Int)]

  init(_ a: Shape, _ b: Shape, result: Shape) {
    let (aSteps, bSteps) = (a.steps(in: result), b.steps(in: result))
    // Axes of extent 1 advance nothing and would only cut runs short.
    outer = result.indices.filter { result[$0] != 1 }.map { (result[$0], aSteps[$0], bSteps[$0]) }
    if let inner = outer.last { (aStep, bStep) = (inner.a, inner.b) }
    while let axis = outer.last, axis.a == aStep * run, axis.b == bStep * run {
      run *= axis.extent
      outer.removeLast()
    }
  }

  @inline(__always)
  func fill(
    _ result: UnsafeMutableBufferPointer<Float>, _ a: UnsafeBufferPointer<Float>,
    _ b: UnsafeBufferPointer<Float>, _ function: (Float, Float) -> Float
  ) {
    var position = [Int](repeating: 0, count: outer.count)
    var (start, aBase, bBase) = (0, 0, 0)
    while start < result.count {
      for i in 0..<run {
        result[start + i] = function(a[aBase + i * aStep], b[bBase + i * bStep])
      }
      start += run
      for axis in outer.indices.reversed() {
        position[axis] += 1
        aBase += outer[axis].a
        bBase += outer[axis].b
        if position[axis] < outer[axis].extent { break }
        aBase -= outer[axis].a * outer[axis].extent
        bBase -= outer[axis].b * outer[axis].extent
        position[axis] = 0
      }
    }
  }
}

extension Shape {
  /// The common shape under NumPy's broadcasting rule, or nil where there is none.
  package func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(count, other.count)
    var result = [Int]()
    for axis in 0..<rank {
      let a = axis < rank - count ? 1 : self[axis - (rank - count)]
      let b = axis < rank - other.count ? 1 : other[axis - (rank - other.count)]
      guard a == b || a == 1 || b == 1 else { return nil }
      result.append(a == 1 ? b : a)
    }
    return Shape(result)
  }

  /// How far an operand of this shape advances for one step along each axis of the result.
  package func steps(in result: Shape) -> [Int] {
    var steps = [Int](repeating: 0, count: result.count)
    var step = 1
    for axis in indices.reversed() {
      if self[axis] != 1 { steps[axis + result.count - count] = step }
      step *= self[axis]
    }
    return steps
  }
}

extension GraphBuilder {
  /// Combines two values element by element.
  public mutating func binary(
    _ function: Binary.Function, _ a: Graph.Value, _ b: Graph.Value, label: String
  ) -> Graph.Value {
    add(.binary(Binary(function: function)), a, b, label: label)
  }
}
