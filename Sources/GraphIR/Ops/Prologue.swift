/// What an op does to its image before it starts: `activation(image * scale + shift)`, one scale
/// and shift a channel, so that a normalisation needs no pass over memory of its own.
///
/// The activation is an attribute of the op; these are the operands.
public struct Prologue<Operand> {
  /// The factors, `[channels]`.
  public let scale: Operand
  /// What is added, `[channels]`.
  public let shift: Operand

  /// Pairs the operands.
  public init(scale: Operand, shift: Operand) { (self.scale, self.shift) = (scale, shift) }
}

/// The operands, by name, of an op that reads one image and perhaps has a prologue.
public struct ImageOperands<Operand> {
  /// `[batch, channels, height, width]`.
  public let image: Operand
  /// Both `[channels]`.
  public let prologue: Prologue<Operand>?

  init(_ inputs: [Operand], prologue: Activation?) {
    image = inputs[0]
    self.prologue = prologue.map { _ in Prologue(scale: inputs[1], shift: inputs[2]) }
  }
}

extension Prologue: Sendable where Operand: Sendable {}
extension ImageOperands: Sendable where Operand: Sendable {}

extension Activation {
  /// The words for an op whose prologue ends in this activation.
  var prologueDetail: String { self == .identity ? "prologue" : "prologue \(rawValue)" }
}

/// Checks the shapes of a prologue for an image of so many channels.
func checkPrologue(_ shapes: Prologue<Shape>?, channels: Int) throws(ShapeProblem) {
  try shapes?.scale.checkVector("the length of the scale", channels)
  try shapes?.shift.checkVector("the length of the shift", channels)
}

extension Shape {
  /// Checks that this is `[length]`; `what` names its length in messages.
  func checkVector(_ what: String, _ length: Int) throws(ShapeProblem) {
    guard count == 1 else { throw .rank(self, expected: 1) }
    guard self[0] == length else { throw .extent(of: what, self[0], expected: length) }
  }
}
