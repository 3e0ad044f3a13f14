import GraphIR

extension ConvolutionOps {
  static func transposedConvolution(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    var operands = try ConvolutionOperands(importer, call)
    let axes = try TransposedAxis.all(operands.axes, call)
    let image = operands.image
    let result: ImportedValue
    switch image.rank {
    case 3:
      operands.image = try importer.reshape(image, to: image.shape.asRow)
      operands.weight = try importer.reshape(operands.weight, to: operands.weight.shape.asRow)
      let still = TransposedAxis(window: WindowAxis(extent: 1, taps: 1))
      let row = try importer.transposedConvolution(operands, [still] + axes)
      result = try importer.reshape(row, to: [row.shape[0], row.shape[1], row.shape[3]])
    case 5: result = try importer.transposedVolume(operands, axes)
    default: result = try importer.transposedConvolution(operands, axes)
    }
    return [result]
  }
}

/// What `ConvTranspose` says of one axis.
private struct TransposedAxis {
  /// The window, with the padding that is cut off the result.
  var window: WindowAxis
  /// How much the result is longer than what then remains.
  var margin = 0

  /// The margin, if there is one, must be smaller than this for the graph's op to make it.
  var marginLimit: Int { max(window.stride, window.dilation) }
  /// The result's extent without padding on either side.
  var whole: Int { max(0, window.extent - 1) * window.stride + window.reach }
  /// The result's extent; 0 or less where nothing is left of it.
  var result: Int { whole - window.before - window.after + margin }

  /// The axes under which the result has the extents that are asked for, directly or by `auto_pad`.
  static func all(
    _ windows: [WindowAxis], _ call: ONNXCall
  ) throws(ONNXProblem) -> [TransposedAxis] {
    let sizes = 0...ONNXCall.largestSize
    let outputPadding = try call.sizes(
      "output_padding", count: windows.count, in: sizes, default: 0)
    let automatic = try call.word("auto_pad", default: AutomaticPadding.explicit)
    var wanted: [Int]?
    if call.has("output_shape") {
      wanted = try call.sizes("output_shape", count: windows.count, in: sizes, default: 0)
    } else if automatic == .sameUpper || automatic == .sameLower {
      wanted = windows.map { $0.extent * $0.stride }
    }
    var axes = windows.map { TransposedAxis(window: $0) }
    for index in axes.indices {
      if let wanted = wanted?[index] {
        let total = axes[index].whole + outputPadding[index] - wanted
        (axes[index].window.before, axes[index].window.after) = automatic.split(max(0, total))
        axes[index].margin = max(0, -total)
      }
      // What is added behind the result is first of all not cut off there.
      let after = axes[index].window.after
      axes[index].margin += max(0, outputPadding[index] - after)
      axes[index].window.after = max(0, after - outputPadding[index])
    }
    return axes
  }

  /// Which row of the result each pixel adds to through each tap: a matrix of ones and zeros with a
  /// row for each one of the result and a column for each pair of pixel and tap.
  var meetings: [Float] {
    let columns = window.extent * window.taps
    var matrix = [Float](repeating: 0, count: result * columns)
    for pixel in 0..<window.extent {
      for tap in 0..<window.taps {
        let row = pixel * window.stride + tap * window.dilation - window.before
        guard (0..<result).contains(row) else { continue }
        matrix[row * columns + pixel * window.taps + tap] = 1
      }
    }
    return matrix
  }
}

extension ONNXImporter {
  /// The transposed convolution of an image.
  fileprivate mutating func transposedConvolution(
    _ operands: ConvolutionOperands, _ axes: [TransposedAxis]
  ) throws(ONNXProblem) -> ImportedValue {
    // More than the graph's op takes: rows and columns that no window reaches.
    let needsMargin = axes.contains { $0.margin > 0 && $0.margin >= $0.marginLimit }
    var inputs = [operands.image, operands.weight]
    if let bias = operands.bias, !needsMargin { inputs.append(bias) }
    let outputPadding =
      needsMargin ? 0 : Size2D(height: axes[0].margin, width: axes[1].margin)
    let result = try emit(inputs) {
      $0.transposedConvolution(
        $1[0], weight: $1[1], bias: $1.count == 3 ? $1[2] : nil, axes.map(\.window).geometry,
        outputPadding: outputPadding, groups: operands.groups, label: $2)
    }
    guard needsMargin else { return result }
    let wider = try pad(
      result, before: [0, 0, 0, 0], after: [0, 0, axes[0].margin, axes[1].margin], .constant(0))
    return try biased(wider, operands.bias)
  }

  /// The transposed convolution of a volume: each of its slices makes one image for each tap that
  /// steps through the volume, and these are added up where they meet.
  fileprivate mutating func transposedVolume(
    _ operands: ConvolutionOperands, _ axes: [TransposedAxis]
  ) throws(ONNXProblem) -> ImportedValue {
    let (image, depth) = (operands.image.shape, axes[0])
    guard depth.result > 0, depth.window.extent > 0 else {
      throw .operandShape(0, found: image, needed: "a volume of which something is left")
    }
    try requireTable([depth.result, depth.window.extent, depth.window.taps])
    var parts = operands
    parts.bias = nil
    parts.image = try reshape(
      try transpose(operands.image, [0, 2, 1, 3, 4]),
      to: [try Self.product([image[0], image[2]]), image[1], image[3], image[4]])
    let weight = operands.weight.shape
    parts.weight = try reshape(operands.weight, to: try slicesAsChannels(weight))
    let slices = try transposedConvolution(parts, Array(axes[1...]))
    let channels = try Self.product([weight[1], operands.groups])
    let (height, width) = (slices.shape[2], slices.shape[3])
    let pixels = try Self.product([height, width])
    let split = try reshape(slices, to: [image[0], image[2], channels, weight[2], pixels])
    let columns = try reshape(
      try transpose(split, [0, 2, 1, 3, 4]), to: [image[0], channels, image[2] * weight[2], pixels])
    let meetings = constant(
      depth.meetings, [depth.result, depth.window.extent * depth.window.taps])
    let sums = try matrixProduct(meetings, columns)
    return try biased(
      try reshape(sums, to: [image[0], channels, depth.result, height, width]), operands.bias)
  }

  /// A map with a number added to each channel.
  private mutating func biased(
    _ value: ImportedValue, _ bias: ImportedValue?
  ) throws(ONNXProblem) -> ImportedValue {
    guard let bias else { return value }
    guard bias.shape == [value.shape[1]] else {
      throw .operandShape(2, found: bias.shape, needed: "\(value.shape[1]) numbers")
    }
    let column = Shape([1, value.shape[1]] + value.shape[2...].map { _ in 1 })
    return try binary(.add, value, try reshape(bias, to: column))
  }
}
