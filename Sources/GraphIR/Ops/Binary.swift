/// A function of two numbers, applied element by element; operands broadcast as in NumPy.
public struct Binary: OpAttributes, Hashable {
  /// The functions there are.
  public enum Function: String, Hashable, Sendable {
    case add
    case subtract
    case multiply

    func callAsFunction(_ a: Float, _ b: Float) -> Float {
      switch self {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      }
    }
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
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape),
      let a = inputs[0].floats(), let b = inputs[1].floats()
    else { return nil }
    let aSteps = inputs[0].shape.steps(in: shape)
    let bSteps = inputs[1].shape.steps(in: shape)
    return Tensor(shape: shape) { result in
      // The innermost run over which both operands either advance evenly or stand still.
      let (run, aStep, bStep) = innerRun(shape, aSteps, bSteps)
      var position = [Int](repeating: 0, count: shape.count)
      var start = 0
      while start < result.count {
        let aBase = zip(position, aSteps).reduce(0) { $0 + $1.0 * $1.1 }
        let bBase = zip(position, bSteps).reduce(0) { $0 + $1.0 * $1.1 }
        for i in 0..<run.length {
          result[start + i] = function(a[aBase + i * aStep], b[bBase + i * bStep])
        }
        start += run.length
        advance(&position, in: shape, axes: run.outerAxes)
      }
    }
  }

  private func innerRun(
    _ shape: Shape, _ aSteps: [Int], _ bSteps: [Int]
  ) -> (run: (length: Int, outerAxes: Int), aStep: Int, bStep: Int) {
    guard let aStep = aSteps.last, let bStep = bSteps.last else { return ((1, 0), 0, 0) }
    var length = 1
    var axis = shape.count
    while axis > 0, aSteps[axis - 1] == aStep * length, bSteps[axis - 1] == bStep * length {
      axis -= 1
      length *= shape[axis]
    }
    return ((length, axis), aStep, bStep)
  }

  private func advance(_ position: inout [Int], in shape: Shape, axes: Int) {
    for axis in (0..<axes).reversed() {
      position[axis] += 1
      if position[axis] < shape[axis] { return }
      position[axis] = 0
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
