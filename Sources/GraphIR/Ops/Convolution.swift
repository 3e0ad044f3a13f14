/// Two-dimensional cross-correlation, as `torch.nn.Conv2d`.
///
/// Operands: image `[batch, inChannels, height, width]`, weight
/// `[outChannels, inChannels / groups, windowHeight, windowWidth]`, and optionally a bias
/// `[outChannels]`. The padding value is 0; see `WindowGeometry.outputSize` for the result's size.
public struct Convolution: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "convolution"
  /// Stride, padding and dilation.
  public let geometry: WindowGeometry
  /// Channels are split into this many groups that do not see each other.
  public let groups: Int
  /// What is applied to the result.
  public let activation: Activation
  /// Image, weight, and a bias or not.
  public var operandCounts: ClosedRange<Int> { 2...3 }

  /// Creates the attributes of a convolution.
  public init(
    geometry: WindowGeometry = .init(), groups: Int = 1, activation: Activation = .identity
  ) {
    precondition(groups > 0)
    self.geometry = geometry
    self.groups = groups
    self.activation = activation
  }

  /// The attributes that differ from the defaults.
  public var detail: String {
    [
      geometry.detail, groups == 1 ? "" : "groups \(groups)",
      activation == .identity ? "" : activation.rawValue,
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// `[batch, outChannels, outHeight, outWidth]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (batch, channels, size) = try inputs[0].image()
    let weight = try inputs[1].image()
    guard channels % groups == 0 else { throw .groups(groups, "channels", channels) }
    guard weight.batch % groups == 0 else { throw .groups(groups, "outputs", weight.batch) }
    guard channels / groups == weight.channels else {
      throw .extent(of: "the number of channels", channels, expected: weight.channels * groups)
    }
    if inputs.count == 3 {
      guard inputs[2].count == 1 else { throw .rank(inputs[2], expected: 1) }
      guard inputs[2][0] == weight.batch else {
        throw .extent(of: "the length of the bias", inputs[2][0], expected: weight.batch)
      }
    }
    let output = try geometry.outputSize(image: size, window: weight.size)
    return [batch, weight.batch, output.height, output.width]
  }
}

extension GraphBuilder {
  /// Adds a convolution.
  public mutating func convolution(
    _ image: Graph.Value, weight: Graph.Value, bias: Graph.Value? = nil,
    _ geometry: WindowGeometry = .init(), groups: Int = 1, label: String
  ) -> Graph.Value {
    add(
      .convolution(Convolution(geometry: geometry, groups: groups)),
      [image, weight] + (bias.map { [$0] } ?? []), label: label)
  }
}
