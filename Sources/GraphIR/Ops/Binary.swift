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
    /// The first to the power of the second, as C's `powf`.
    case power
    /// What division leaves, of the first's sign, as C's `fmodf`: NaN for a divisor of 0.
    case remainder
    /// 1 where the first is less, else 0; 0 where either is not a number.
    case less
    /// 1 where the first is less or equal, else 0; 0 where either is not a number.
    case lessOrEqual
    /// 1 where both are equal, else 0; 0 where either is not a number.
    case equal
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

  /// Folds constant operands, but for powers, which no arithmetic of the language computes.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    switch function {
    case .add: fold(inputs) { $0 + $1 }
    case .subtract: fold(inputs) { $0 - $1 }
    case .multiply: fold(inputs) { $0 * $1 }
    case .divide: fold(inputs) { $0 / $1 }
    // A comparison with a NaN on either side fails; the sum of both is one.
    case .maximum: fold(inputs) { $0 >= $1 ? $0 : $0 < $1 ? $1 : $0 + $1 }
    case .minimum: fold(inputs) { $0 <= $1 ? $0 : $0 > $1 ? $1 : $0 + $1 }
    case .remainder: fold(inputs) { $0.truncatingRemainder(dividingBy: $1) }
    case .less: fold(inputs) { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: fold(inputs) { $0 <= $1 ? 1 : 0 }
    case .equal: fold(inputs) { $0 == $1 ? 1 : 0 }
    case .power: nil
    }
  }

  @inline(__always)
  private func fold(_ inputs: [Tensor], _ function: (Float, Float) -> Float) -> Tensor? {
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else { return nil }
    let walk = StridedWalk(broadcasting: inputs.map(\.shape), to: shape)
    let (row, column) = (walk.rowAxis.steps, walk.columnAxis.steps)
    let (aStep, bStep) = (column[0], column[1])
    let result = inputs[0].withFloats { a in
      inputs[1].withFloats { b in
        Tensor(shape: shape) { result in
          walk.forEachBlock { block in
            for y in 0..<block.rows {
              let start = block.result + y * block.columns
              let (aStart, bStart) = (block.starts[0] + y * row[0], block.starts[1] + y * row[1])
              for x in 0..<block.columns {
                result[start + x] = function(a[aStart + x * aStep], b[bStart + x * bStep])
              }
            }
          }
        }
      }
    }
    return result ?? nil
  }

  /// Carries a batch that is the first axis of the result too.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.allSatisfy { $0.isAligned(with: result) }
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
}

extension GraphBuilder {
  /// Combines two values element by element.
  public mutating func binary(
    _ function: Binary.Function, _ a: Graph.Value, _ b: Graph.Value, label: String
  ) -> Graph.Value {
    add(.binary(Binary(function: function)), a, b, label: label)
  }
}
