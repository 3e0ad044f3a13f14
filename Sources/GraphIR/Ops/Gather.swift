/// The elements at given places along one axis, as `numpy.take`.
///
/// Operands: a value of any shape but a scalar, and indices of any shape, which take the place of
/// the axis in the result. Indices are whole numbers, from the end where negative; a fraction is cut
/// off. An index outside the axis counts as the nearest inside, and NaN as 0: no other memory is
/// ever read.
public struct Gather: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "gather"
  /// The axis of the value that the indices count along.
  public let axis: Int
  /// Value and indices.
  public var operandCounts: ClosedRange<Int> { 2...2 }
  /// The axis.
  public var detail: String { "axis \(axis)" }

  /// The value's extents with those of the indices in the place of the axis, which must not be
  /// empty unless the result is.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let value = inputs[0].dimensions
    guard value.indices.contains(axis) else { throw .axis(axis, rank: value.count) }
    let result = Shape(value[..<axis] + inputs[1].dimensions + value[(axis + 1)...])
    guard value[axis] > 0 || result.contains(0) else { throw .emptyAxis(axis, inputs[0]) }
    return result
  }

  /// The place along an axis of this extent, not 0, that an index stands for.
  package static func place(of index: Float, extent: Int) -> Int {
    guard !index.isNaN else { return 0 }
    let bound = Float(extent)
    // Beyond these everything is clamped, and within them every number fits an integer.
    let whole = Int(min(max(index, -bound), bound))
    return min(max(whole < 0 ? whole + extent : whole, 0), extent - 1)
  }

  /// Copies constant operands.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    let shapes = inputs.map(\.shape)
    guard let shape = try? outputShape(of: shapes), let indices = inputs[1].floats() else {
      return nil
    }
    let extent = shapes[0][axis]
    let inner = shapes[0][(axis + 1)...].reduce(1, *)
    let result: Tensor? = inputs[0].withFloats { values in
      Tensor(shape: shape) { result in
        guard !result.isEmpty else { return }
        for run in 0..<result.count / inner {
          let (outer, place) = (run / indices.count, run % indices.count)
          let source = (outer * extent + Self.place(of: indices[place], extent: extent)) * inner
          for index in 0..<inner { result[run * inner + index] = values[source + index] }
        }
      }
    }
    return result
  }

  /// Carries the value's batch where another axis is taken from, and that of the indices where they
  /// take the first axis' place.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    axis == 0
      ? operands[1].hasBatch && !operands[0].hasBatch
      : operands[0].hasBatch && !operands[1].hasBatch
  }
}

extension GraphBuilder {
  /// Takes the elements at `indices`, whole numbers, along an axis of a value.
  public mutating func gather(
    _ value: Graph.Value, indices: Graph.Value, axis: Int, label: String
  ) -> Graph.Value {
    add(.gather(Gather(axis: axis)), value, indices, label: label)
  }
}
