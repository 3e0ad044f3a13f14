/// More elements around a tensor, as `numpy.pad`.
///
/// One operand of any shape; one entry an axis.
public struct Pad: OpAttributes, Hashable {
  /// What is put around.
  public enum Mode: Hashable, Sendable {
    /// This number.
    case constant(Float)
    /// The outermost element.
    case edge
    /// The elements mirrored at the outermost, which is not repeated; back and forth where the
    /// padding is wider.
    case reflect
    /// The elements from the other end; over and over where the padding is wider.
    case wrap
  }

  /// The op's name in dumps and messages.
  public static let name = "pad"
  /// How many elements are put before the first along each axis.
  public let before: [Int]
  /// How many elements are put behind the last along each axis.
  public let after: [Int]
  /// What is put around.
  public let mode: Mode
  /// One operand.
  public var operandCounts: ClosedRange<Int> { 1...1 }

  /// The mode and both amounts for each axis.
  public var detail: String {
    let name =
      switch mode {
      case .constant(let value): "constant \(value)"
      case .edge: "edge"
      case .reflect: "reflect"
      case .wrap: "wrap"
      }
    return ([name] + zip(before, after).map { "\($0)+\($1)" }).joined(separator: " ")
  }

  /// The operand's extents with what is added; an empty axis can be padded with a constant alone.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let shape = inputs[0]
    for amounts in [before, after] {
      guard amounts.count == shape.count else {
        throw .entries(of: "the padding", amounts.count, shape)
      }
      for amount in amounts {
        guard amount >= 0 else { throw .negative("the padding", amount) }
        guard amount <= Shape.mostElements else { throw .attribute("the padding", amount) }
      }
    }
    var extents = [Int]()
    for axis in shape.indices {
      // Before any sum that could overflow.
      guard shape[axis] <= Shape.mostElements else { throw .tooLarge(shape) }
      let added = before[axis] + after[axis]
      if added > 0, shape[axis] == 0 {
        guard case .constant = mode else { throw .emptyAxis(axis, shape) }
      }
      extents.append(shape[axis] + added)
    }
    return Shape(extents)
  }

  /// Finds what stands at a place of the result.
  ///
  /// - Parameters:
  ///   - place: a place of the result along the axis.
  ///   - axis: the axis.
  ///   - extent: the operand's, not 0.
  /// - Returns: an element of the operand's axis; nil for the constant around it.
  package func source(of place: Int, axis: Int, extent: Int) -> Int? {
    let index = place - before[axis]
    if (0..<extent).contains(index) { return index }
    switch mode {
    case .constant: return nil
    case .edge: return index < 0 ? 0 : extent - 1
    case .wrap: return ((index % extent) + extent) % extent
    case .reflect:
      guard extent > 1 else { return 0 }
      let period = 2 * (extent - 1)
      let phase = ((index % period) + period) % period
      return min(phase, period - phase)
    }
  }

  /// Carries a batch that is not padded.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    before.first == 0 && after.first == 0
  }
}

extension GraphBuilder {
  /// Puts elements around a value: `before[i]` and `after[i]` of them along axis `i`, none negative.
  public mutating func pad(
    _ value: Graph.Value, before: [Int], after: [Int], _ mode: Pad.Mode, label: String
  ) -> Graph.Value {
    add(.pad(Pad(before: before, after: after, mode: mode)), value, label: label)
  }
}
