/// Two-dimensional cross-correlation, as `torch.nn.Conv2d`, with what runs along with it.
///
/// Operands, in this order: image `[batch, inChannels, height, width]`, weight
/// `[outChannels, inChannels / groups, windowHeight, windowWidth]`, optionally a bias
/// `[outChannels]`, with a prologue its scale and shift, each `[inChannels]`, and with a residual a
/// tensor of the result's shape; `operands(_:)` tells them apart. The result is
/// `activation(convolution(prologue(image)) + bias + residual)`. The padding value is 0, put in
/// behind the prologue; see `WindowGeometry.outputSize` for the result's size.
public struct Convolution: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "convolution"
  /// Stride, padding and dilation.
  public let geometry: WindowGeometry
  /// Channels are split into this many groups that do not see each other.
  public let groups: Int
  /// Where not nil, the image is taken as `activation(image * scale + shift)`, channel by channel.
  public package(set) var prologue: Activation?
  /// Whether an operand is added before the activation.
  public package(set) var addsResidual: Bool
  /// What is applied to the result.
  public package(set) var activation: Activation

  /// Creates the attributes of a convolution.
  public init(
    geometry: WindowGeometry = .init(), groups: Int = 1, prologue: Activation? = nil,
    addsResidual: Bool = false, activation: Activation = .identity
  ) {
    precondition(groups > 0)
    self.geometry = geometry
    self.groups = groups
    self.prologue = prologue
    self.addsResidual = addsResidual
    self.activation = activation
  }

  /// Image, weight and what the attributes ask for, and a bias or not.
  public var operandCounts: ClosedRange<Int> {
    let least = 2 + (prologue == nil ? 0 : 2) + (addsResidual ? 1 : 0)
    return least...least + 1
  }

  /// The attributes that differ from the defaults.
  public var detail: String {
    [
      prologue?.prologueDetail ?? "", geometry.detail, groups == 1 ? "" : "groups \(groups)",
      addsResidual ? "residual" : "", activation == .identity ? "" : activation.rawValue,
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// `[batch, outChannels, outHeight, outWidth]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let shapes = operands(inputs)
    let (batch, channels, size) = try shapes.image.image()
    let weight = try shapes.weight.image()
    guard channels % groups == 0 else { throw .groups(groups, "channels", channels) }
    guard weight.batch % groups == 0 else { throw .groups(groups, "outputs", weight.batch) }
    let (expected, overflow) = weight.channels.multipliedReportingOverflow(by: groups)
    guard !overflow else { throw .attribute("the number of groups", groups) }
    guard channels == expected else {
      throw .extent(of: "the number of channels", channels, expected: expected)
    }
    try shapes.bias?.checkVector("the length of the bias", weight.batch)
    try checkPrologue(shapes.prologue, channels: channels)
    let output = try geometry.outputSize(image: size, window: weight.size)
    let result: Shape = [batch, weight.batch, output.height, output.width]
    if let residual = shapes.residual, residual != result {
      throw .operand("the residual", residual, expected: result)
    }
    return result
  }

  /// Carries the batch of its image, and of a residual of as many; everything else is the same for
  /// all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    let named = self.operands(operands)
    let vectors = [named.bias, named.prologue?.scale, named.prologue?.shift]
    return named.image.hasBatch && named.residual?.isAligned(with: result) ?? true
      && !named.weight.hasBatch && vectors.allSatisfy { $0?.hasBatch != true }
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
