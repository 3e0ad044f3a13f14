/// The transpose of a convolution, as `torch.nn.ConvTranspose2d`: each pixel of the image adds a
/// weighted window to the result, `stride` apart.
///
/// Operands: image `[batch, inChannels, height, width]`, weight
/// `[inChannels, outChannels / groups, windowHeight, windowWidth]`, and optionally a bias
/// `[outChannels]`. Pixel `y` and tap `k` meet at row `y * stride + k * dilation - padding.top` of
/// the result; what falls outside is dropped, so that padding makes the result smaller. See
/// `outputSize(image:window:)` for its size.
public struct TransposedConvolution: OpAttributes, Hashable {
  /// The op's name in dumps and messages.
  public static let name = "transposedConvolution"
  /// Stride, padding and dilation of the convolution that this is the transpose of.
  public let geometry: WindowGeometry
  /// Rows and columns that the result has more, below and behind.
  public let outputPadding: Size2D
  /// Channels are split into this many groups that do not see each other.
  public let groups: Int
  /// What is applied to the result.
  public package(set) var activation: Activation

  /// Creates the attributes of a transposed convolution.
  public init(
    geometry: WindowGeometry = .init(), outputPadding: Size2D = 0, groups: Int = 1,
    activation: Activation = .identity
  ) {
    precondition(groups > 0)
    precondition(outputPadding.height >= 0 && outputPadding.width >= 0)
    self.geometry = geometry
    self.outputPadding = outputPadding
    self.groups = groups
    self.activation = activation
  }

  /// Image, weight, and a bias or not.
  public var operandCounts: ClosedRange<Int> { 2...3 }

  /// The attributes that differ from the defaults.
  public var detail: String {
    [
      geometry.detail, outputPadding == 0 ? "" : "output padding \(outputPadding)",
      groups == 1 ? "" : "groups \(groups)", activation == .identity ? "" : activation.rawValue,
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// `(extent - 1) stride - padding + dilation (window - 1) + outputPadding + 1` along both axes,
  /// with the padding of both sides.
  ///
  /// - Throws: `ShapeProblem` where nothing is left, where the output padding is not smaller than
  ///   stride or dilation, as PyTorch demands, or where numbers are beyond counting.
  public func outputSize(image: Size2D, window: Size2D) throws(ShapeProblem) -> Size2D {
    try geometry.checkComputable()
    let (stride, padding, dilation) = (geometry.stride, geometry.padding, geometry.dilation)
    guard outputPadding.height < max(stride.height, dilation.height),
      outputPadding.width < max(stride.width, dilation.width)
    else { throw .outputPadding(outputPadding, stride: stride, dilation: dilation) }
    guard window.height > 0, window.width > 0, window.isComputable, image.height > 0,
      image.width > 0
    else { throw .window(window, image: image) }
    let rows =
      (image.height - 1) * stride.height - padding.top - padding.bottom
      + dilation.height * (window.height - 1) + outputPadding.height + 1
    let columns =
      (image.width - 1) * stride.width - padding.left - padding.right
      + dilation.width * (window.width - 1) + outputPadding.width + 1
    guard rows > 0, columns > 0 else { throw .nothingLeft(of: image) }
    return Size2D(height: rows, width: columns)
  }

  /// `[batch, outChannels, outHeight, outWidth]`.
  public func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape {
    let (batch, channels, size) = try inputs[0].image()
    let (inChannels, groupOutputs, window) = try inputs[1].image()
    guard channels == inChannels else {
      throw .extent(of: "the number of channels", channels, expected: inChannels)
    }
    guard channels % groups == 0 else { throw .groups(groups, "channels", channels) }
    let (outputs, overflow) = groupOutputs.multipliedReportingOverflow(by: groups)
    guard !overflow else { throw .attribute("the number of groups", groups) }
    if inputs.count == 3 { try inputs[2].checkVector("the length of the bias", outputs) }
    let output = try outputSize(image: size, window: window)
    return [batch, outputs, output.height, output.width]
  }

  /// Carries the batch of its image; everything else is the same for all images.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool {
    operands.onlyFirstHasBatch
  }
}

extension GraphBuilder {
  /// Adds a transposed convolution.
  public mutating func transposedConvolution(
    _ image: Graph.Value, weight: Graph.Value, bias: Graph.Value? = nil,
    _ geometry: WindowGeometry = .init(), outputPadding: Size2D = 0, groups: Int = 1,
    label: String
  ) -> Graph.Value {
    let op = TransposedConvolution(
      geometry: geometry, outputPadding: outputPadding, groups: groups)
    return add(
      .transposedConvolution(op), [image, weight] + (bias.map { [$0] } ?? []), label: label)
  }
}
