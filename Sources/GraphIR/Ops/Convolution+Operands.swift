extension Convolution {
  /// A convolution's operands by name: values, their shapes, or where they lie in memory.
  public struct Operands<Operand> {
    /// `[batch, inChannels, height, width]`.
    public var image: Operand
    /// `[outChannels, inChannels / groups, windowHeight, windowWidth]`.
    public var weight: Operand
    /// `[outChannels]`.
    public var bias: Operand?
    /// Both `[inChannels]`; there where `Convolution.prologue` is.
    public var prologue: Prologue<Operand>?
    /// The result's shape; there where `Convolution.addsResidual` says so.
    public var residual: Operand?

    /// The operands in the order of a node's inputs.
    public var inputs: [Operand] {
      [image, weight] + [bias, prologue?.scale, prologue?.shift, residual].compactMap(\.self)
    }
  }

  /// Names what stands in the order of a node's inputs.
  ///
  /// - Parameter inputs: as many as `operandCounts` allows, which a verified graph promises.
  /// - Returns: the same operands, each under its name.
  public func operands<Operand>(_ inputs: [Operand]) -> Operands<Operand> {
    precondition(operandCounts.contains(inputs.count))
    var rest = inputs.dropFirst(2)
    return Operands(
      image: inputs[0], weight: inputs[1],
      bias: inputs.count == operandCounts.upperBound ? rest.removeFirst() : nil,
      prologue: prologue.map { _ in
        Prologue(scale: rest.removeFirst(), shift: rest.removeFirst())
      },
      residual: addsResidual ? rest.removeFirst() : nil)
  }
}

extension Convolution.Operands: Sendable where Operand: Sendable {}
