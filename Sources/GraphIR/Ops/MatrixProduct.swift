/// The product of two matrices, or of many at once, as `numpy.matmul` for operands of two axes or
/// more.
///
/// Operands: `[..., rows, inner]` and `[..., inner, columns]`; the axes before the last two
/// broadcast. Without inner elements the result is 0.
public struct MatrixProduct: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "matrixProduct"
  /// Two operands.
  public var operandCounts: ClosedRange<Int> { 2...2 }

  /// `[..., rows, columns]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (a, b) = (inputs[0], inputs[1])
    guard a.count >= 2, b.count >= 2, a[a.count - 1] == b[b.count - 2],
      let outer = Shape(a.dropLast(2)).broadcast(with: Shape(b.dropLast(2)))
    else { throw .matrixProduct(a, b) }
    return Shape(outer.dimensions + [a[a.count - 2], b[b.count - 1]])
  }

  /// Carries a batch of matrices, or of the first operand's rows where that is one matrix.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    guard result.count == 2 else {
      // The first axis of a single matrix is not that of the result.
      return operands.allSatisfy {
        $0.isAligned(with: result) && !($0.hasBatch && $0.shape.count == 2)
      }
    }
    return operands.onlyFirstHasBatch
  }
}

extension GraphBuilder {
  /// Multiplies matrices.
  public mutating func matrixProduct(
    _ a: Graph.Value, _ b: Graph.Value, label: String
  ) -> Graph.Value {
    add(.matrixProduct(MatrixProduct()), a, b, label: label)
  }
}
