/// A tensor that the caller supplies, float32.
public struct Input: OpAttributes, Hashable {
  /// What shapes an input takes.
  public enum Form: Hashable, Sendable {
    /// `[batch, channels, height, width]` of any batch and size, the number of channels being what
    /// the network was built for.
    case image(channels: Int)
    /// Exactly this shape.
    case exact(Shape)
  }

  /// The op's name in dumps and messages.
  public static let name = "input"
  /// The name by which callers supply it.
  public let name: String
  /// What shapes it takes.
  public let form: Form
  /// The number of channels that the network was built for; nil for an input of one exact shape.
  public var channels: Int? { if case .image(let channels) = form { channels } else { nil } }
  /// Takes no operands.
  public var operandCounts: ClosedRange<Int> { 0...0 }

  /// The name, and the channels or the shape.
  public var detail: String {
    switch form {
    case .image(let channels): "\"\(name)\" channels \(channels)"
    case .exact(let shape): "\"\(name)\" \(shape)"
    }
  }

  package init(_ name: String, _ form: Form) { (self.name, self.form) = (name, form) }

  /// Never called: the shape of an input is given, not inferred.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    throw .missingInput(name)
  }

  func checked(_ shape: Shape) throws(ShapeProblem) -> Shape {
    switch form {
    case .image(let expected):
      let channels = try shape.image().channels
      guard channels == expected else {
        throw .extent(of: "the number of input channels", channels, expected: expected)
      }
    case .exact(let expected):
      guard shape == expected else { throw .operand("the input", shape, expected: expected) }
    }
    return shape
  }
}

extension GraphBuilder {
  /// Declares an input `[batch, channels, height, width]`.
  public mutating func input(_ name: String, channels: Int) -> Graph.Value {
    add(.input(Input(name, .image(channels: channels))), label: name)
  }

  /// Declares an input of exactly this shape.
  public mutating func input(_ name: String, shape: Shape) -> Graph.Value {
    add(.input(Input(name, .exact(shape))), label: name)
  }
}
