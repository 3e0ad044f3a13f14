/// Some elements along each axis, evenly spaced, as a NumPy slice: from `starts` on, `extents` of
/// them, `steps` apart.
///
/// One operand of any shape; one entry an axis.
public struct Slicing: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "slice"
  /// The first element along each axis; of no account where none are taken.
  public let starts: [Int]
  /// How many elements are taken along each axis.
  public let extents: [Int]
  /// From one element to the next, not 0; backwards where negative.
  public let steps: [Int]
  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }

  /// For each axis first element and extent, and the step unless it is 1.
  public var detail: String {
    starts.indices.map { axis in
      guard extents.indices.contains(axis), steps.indices.contains(axis) else { return "?" }
      return "\(starts[axis])+\(extents[axis])" + (steps[axis] == 1 ? "" : "/\(steps[axis])")
    }.joined(separator: " ")
  }

  /// The extents, if all elements lie within the operand.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let shape = inputs[0]
    for (what, entries) in [("starts", starts), ("extents", extents), ("steps", steps)]
    where entries.count != shape.count {
      throw .entries(of: "the list of " + what, entries.count, shape)
    }
    for axis in shape.indices {
      let (start, extent, step) = (starts[axis], extents[axis], steps[axis])
      let (distance, overflow) = step.multipliedReportingOverflow(by: max(0, extent - 1))
      let (last, tooFar) = start.addingReportingOverflow(distance)
      let axisRange = 0..<shape[axis]
      guard step != 0, extent >= 0, !overflow, !tooFar,
        extent == 0 || axisRange.contains(start) && axisRange.contains(last)
      else { throw .slice(start: start, extent: extent, step: step, axis: axis, shape) }
    }
    return Shape(extents)
  }

  /// Where the elements of the result lie in an operand that has passed the shape rule.
  package func elements(of operand: Shape) -> StridedWalk.Operand {
    guard !extents.contains(0) else { return StridedWalk.Operand(steps: extents.map { _ in 0 }) }
    let rowMajor = operand.rowMajorSteps
    return StridedWalk.Operand(
      start: zip(starts, rowMajor).reduce(0) { $0 + $1.0 * $1.1 },
      // Along an axis with one element the step may be anything, and is nobody's.
      steps: operand.indices.map { extents[$0] == 1 ? 0 : steps[$0] * rowMajor[$0] })
  }

  /// Copies constant operands.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? {
    inputs[0].gathered(elements(of: inputs[0].shape), outputShape)
  }

  /// Carries a batch that is taken whole.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands[0].shape.first == 1 || starts.first == 0 && steps.first == 1
  }
}

extension GraphBuilder {
  /// Takes `extents[i]` elements along axis `i`, from `starts[i]` on, `steps[i]` apart.
  ///
  /// All of them must lie within the value; steps may be negative, but not 0.
  public mutating func slice(
    _ value: Graph.Value, starts: [Int], extents: [Int], steps: [Int], label: String
  ) -> Graph.Value {
    add(
      .slicing(Slicing(starts: starts, extents: extents, steps: steps)), value, label: label)
  }
}
