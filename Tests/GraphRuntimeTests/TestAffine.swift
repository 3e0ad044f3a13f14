import CKernels

/// The affine function in front of a kernel, or none; numbers below 1 stay below 2.
struct TestAffine: Sendable {
  let scale, shift: [Float]
  let relu: Bool
  let isNone: Bool

  init(_ channels: Int, _ draw: inout Draw, always: Bool = false) {
    isNone = !always && draw.below(3) == 0
    relu = draw.below(2) == 0
    let layout = Layout16(channels: channels)
    let stream = "affine/\(channels)/\(draw.below(1000))"
    scale = layout.blocked(Operand.plain("\(stream)/scale", channels), plane: 1)
    shift = layout.blocked(Operand.plain("\(stream)/shift", channels), plane: 1)
  }

  var name: String { isNone ? "as it is" : "affine relu \(relu)" }
  var operands: [Numbers] { isNone ? [] : [Numbers(scale), Numbers(shift)] }

  /// What numbers below 1 may become.
  var most: Double { isNone ? 1 : 2 }
  /// One rounding more or less, depending on whether the product is rounded.
  var rounding: Double { isNone ? 0 : 2 * most * Double(roundingUnit) }

  func pointers(_ memory: BlockWork.Memory, at operand: Int) -> zoo_affine {
    guard !isNone else { return zoo_affine() }
    return zoo_affine(
      scale: memory.floats(operand), shift: memory.floats(operand + 1), relu: relu)
  }
}
