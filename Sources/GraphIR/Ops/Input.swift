/// A tensor that the caller supplies: `[batch, channels, height, width]`, float32.
public struct Input: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "input"
  /// The name by which callers supply it.
  public let name: String
  /// The number of channels that the network was built for.
  public let channels: Int
  /// Takes no operands.
  public var operandCounts: ClosedRange<Int> { 0...0 }
  /// The name and channels.
  public var detail: String { "\"\(name)\" channels \(channels)" }

  package init(_ name: String, channels: Int) {
    self.name = name
    self.channels = channels
  }

  /// Never called: the shape of an input is given, not inferred.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    throw .missingInput(name)
  }

  func checked(_ shape: Shape) throws(ShapeProblem) -> Shape {
    let channels = try shape.image().channels
    guard channels == self.channels else {
      throw .extent(of: "the number of input channels", channels, expected: self.channels)
    }
    return shape
  }
}

extension GraphBuilder {
  /// Declares an input `[batch, channels, height, width]`.
  public mutating func input(_ name: String, channels: Int) -> Graph.Value {
    add(.input(Input(name, channels: channels)), label: name)
  }
}
