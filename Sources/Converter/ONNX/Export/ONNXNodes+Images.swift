import GraphIR

// Ops on images `[batch, channels, height, width]`.
extension ONNXNodes {
  mutating func convolution(_ op: Convolution, _ inputs: [Graph.Value]) -> String {
    let operands = op.operands(inputs)
    let image = prologue(operands.prologue, op.prologue, name(operands.image))
    let bias = operands.bias.map { [name($0)] } ?? []
    var result = add(
      "Conv", [image, name(operands.weight)] + bias,
      op.geometry.attributes.merging(["group": .int(op.groups)]) { $1 })
    if let residual = operands.residual { result = add("Add", [result, name(residual)]) }
    return activation(op.activation, result)
  }

  mutating func transposedConvolution(
    _ op: TransposedConvolution, _ inputs: [Graph.Value]
  ) -> String {
    let (stride, added) = (op.geometry.stride, op.outputPadding)
    guard added.height < stride.height, added.width < stride.width else {
      return widelyPaddedConvolution(op, inputs)
    }
    let attributes: [String: ONNXAttribute] = [
      "group": .int(op.groups), "output_padding": .ints([added.height, added.width]),
    ]
    let result = add(
      "ConvTranspose", names(inputs), op.geometry.attributes.merging(attributes) { $1 })
    return activation(op.activation, result)
  }

  /// A transposed convolution whose output padding is not less than its stride, which ONNX Runtime
  /// refuses: the padding takes away less, and where that is not enough, what is added holds the
  /// bias alone.
  private mutating func widelyPaddedConvolution(
    _ op: TransposedConvolution, _ inputs: [Graph.Value]
  ) -> String {
    let (padding, added) = (op.geometry.padding, op.outputPadding)
    let rows = max(added.height - padding.bottom, 0)
    let columns = max(added.width - padding.right, 0)
    var attributes = op.geometry.attributes
    attributes["group"] = .int(op.groups)
    attributes["pads"] = .ints([
      padding.top, padding.left, max(padding.bottom - added.height, 0),
      max(padding.right - added.width, 0),
    ])
    var result = add("ConvTranspose", names(Array(inputs[..<2])), attributes)
    if rows > 0 || columns > 0 {
      let pads = integers([0, 0, 0, 0, 0, 0, rows, columns], "pads")
      result = add("Pad", [result, pads])
    }
    if inputs.count > 2 { result = add("Add", [result, perChannel(inputs[2])]) }
    return activation(op.activation, result)
  }

  mutating func batchNorm(_ op: BatchNorm, _ inputs: [Graph.Value]) -> String {
    add("BatchNormalization", names(inputs), ["epsilon": .float(op.epsilon)])
  }

  mutating func channelAffine(_ op: ChannelAffine, _ inputs: [Graph.Value]) -> String {
    let pair = Prologue(scale: inputs[1], shift: inputs[2])
    return prologue(pair, op.activation, name(inputs[0]))
  }

  /// Each group as one channel of an instance normalisation, which every operator set has.
  mutating func groupNorm(_ op: GroupNorm, _ inputs: [Graph.Value]) -> String {
    let image = name(inputs[0])
    // An extent of 0 is the operand's own, and -1 what is left.
    let flat = add("Reshape", [image, integers([0, op.groups, -1], "groups")])
    let ones = numbers(Array(repeating: 1, count: op.groups), shape: [op.groups], "ones")
    let zeros = numbers(Array(repeating: 0, count: op.groups), shape: [op.groups], "zeros")
    let normalised = add(
      "InstanceNormalization", [flat, ones, zeros], ["epsilon": .float(op.epsilon)])
    let result = add("Reshape", [normalised, add("Shape", [image])])
    let perChannel = integers([-1, 1, 1], "perChannel")
    let gamma = add("Reshape", [name(inputs[1]), perChannel])
    let beta = add("Reshape", [name(inputs[2]), perChannel])
    let scaled = add("Add", [add("Mul", [result, gamma]), beta])
    return op.isSilu ? unary(.silu, scaled) : scaled
  }

  mutating func pooling(_ op: Pooling, _ inputs: [Graph.Value]) throws -> String {
    let operands = op.operands(inputs)
    let image = prologue(operands.prologue, op.prologue, name(operands.image))
    var attributes = op.geometry.attributes
    attributes["kernel_shape"] = .ints([op.window.height, op.window.width])
    switch op.kind {
    case .maximum: return add("MaxPool", [image], attributes)
    case .average:
      attributes["count_include_pad"] = .int(1)
      if op.geometry.dilation == 1 {
        attributes["dilations"] = nil
      } else if opset < 19 {
        throw ONNXExportError.needsOpset(19, node: place, what: "a mean over a dilated window")
      }
      return add("AveragePool", [image], attributes)
    }
  }

  mutating func spatialMean(_ op: SpatialMean, _ inputs: [Graph.Value]) -> String {
    let operands = op.operands(inputs)
    let image = prologue(operands.prologue, op.prologue, name(operands.image))
    let mean = add("GlobalAveragePool", [image])
    return add("Flatten", [mean], ["axis": .int(1)])
  }

  mutating func linear(_ inputs: [Graph.Value]) -> String {
    add("Gemm", names(inputs), ["transB": .int(1)])
  }

  /// `activation(image * scale + shift)`, or the image itself where there is nothing to do.
  private mutating func prologue(
    _ operands: Prologue<Graph.Value>?, _ activation: Activation?, _ image: String
  ) -> String {
    guard let operands, let activation else { return image }
    let scaled = add("Mul", [image, perChannel(operands.scale)])
    let shifted = add("Add", [scaled, perChannel(operands.shift)])
    return self.activation(activation, shifted)
  }

  /// `[channels]` as `[channels, 1, 1]`, which broadcasts to an image.
  private mutating func perChannel(_ value: Graph.Value) -> String {
    add("Unsqueeze", [name(value), integers([1, 2], "axes")])
  }

  private mutating func activation(_ activation: Activation, _ value: String) -> String {
    switch activation {
    case .identity: value
    case .relu: add("Relu", [value])
    }
  }
}

extension WindowGeometry {
  /// The attributes that ONNX's convolutions and poolings share.
  fileprivate var attributes: [String: ONNXAttribute] {
    [
      "strides": .ints([stride.height, stride.width]),
      "pads": .ints([padding.top, padding.left, padding.bottom, padding.right]),
      "dilations": .ints([dilation.height, dilation.width]),
    ]
  }
}
