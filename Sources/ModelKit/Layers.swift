import GraphIR

// Layers as torch.nn has them: a layer's parameters carry its name and PyTorch's own behind it.
extension GraphBuilder {
  /// `torch.nn.Conv2d`: the parameters `NAME.weight` and, where it has one, `NAME.bias`.
  ///
  /// - Parameters:
  ///   - name: the layer's name in the checkpoint.
  ///   - image: `[batch, input, height, width]`.
  ///   - input: channels that go in, a multiple of `groups`.
  ///   - output: channels that come out.
  ///   - window: the extent of the kernel.
  ///   - geometry: stride, padding and dilation.
  ///   - groups: parts that do not see each other.
  ///   - hasBias: whether a number a channel is added.
  /// - Returns: `[batch, output, outHeight, outWidth]`.
  public mutating func convolution(
    _ name: String, _ image: Graph.Value, from input: Int, to output: Int, window: Size2D = 1,
    _ geometry: WindowGeometry = .init(), groups: Int = 1, hasBias: Bool = false
  ) -> Graph.Value {
    let weight = parameter(
      name + ".weight", [output, input / max(groups, 1), window.height, window.width])
    let bias = hasBias ? parameter(name + ".bias", [output]) : nil
    return convolution(image, weight: weight, bias: bias, geometry, groups: groups, label: name)
  }

  /// `torch.nn.ConvTranspose2d`, whose weight is `[input, output / groups, height, width]`.
  public mutating func transposedConvolution(
    _ name: String, _ image: Graph.Value, from input: Int, to output: Int, window: Size2D,
    _ geometry: WindowGeometry = .init(), outputPadding: Size2D = 0, hasBias: Bool = false
  ) -> Graph.Value {
    let weight = parameter(name + ".weight", [input, output, window.height, window.width])
    let bias = hasBias ? parameter(name + ".bias", [output]) : nil
    return transposedConvolution(
      image, weight: weight, bias: bias, geometry, outputPadding: outputPadding, label: name)
  }

  /// `torch.nn.BatchNorm2d`, or `BatchNorm1d` of vectors, in evaluation mode: the parameters `NAME.weight`, `.bias`,
  /// `.running_mean` and `.running_var`.
  public mutating func batchNorm(
    _ name: String, _ image: Graph.Value, channels: Int, epsilon: Float = 1e-5
  ) -> Graph.Value {
    batchNorm(
      image, gamma: parameter(name + ".weight", [channels]),
      beta: parameter(name + ".bias", [channels]),
      mean: parameter(name + ".running_mean", [channels]),
      variance: parameter(name + ".running_var", [channels]), epsilon: epsilon, label: name)
  }

  /// `torch.nn.Linear`: the parameters `NAME.weight` and `NAME.bias`.
  public mutating func linear(
    _ name: String, _ features: Graph.Value, from input: Int, to output: Int
  ) -> Graph.Value {
    linear(
      features, weight: parameter(name + ".weight", [output, input]),
      bias: parameter(name + ".bias", [output]), label: name)
  }
}

extension [String: Shape] {
  /// How many numbers in a row, from `first` on, make the name of a tensor that is there: the number
  /// of layers of a block, say.
  public func count(from first: Int = 0, _ name: (Int) -> String) -> Int {
    var number = first
    while self[name(number)] != nil { number += 1 }
    return number - first
  }
}
