import GraphIR

/// Convolutions of images and signals, and their transposes.
enum ConvolutionOps {
  static let table: [String: ONNXHandler] = [
    "Conv": convolution,
    "ConvTranspose": transposedConvolution,
  ]

  /// Image, weight, and a bias or none, with what both ops say of them.
  private struct Operands {
    let image: ImportedValue
    let weight: ImportedValue
    let bias: ImportedValue?
    let axes: [WindowAxis]
    let groups: Int

    init(_ importer: ONNXImporter, _ call: ONNXCall) throws(ONNXProblem) {
      image = try call.operand(0)
      weight = try call.operand(1)
      bias = call.optional(2)
      try importer.requireRealNumbers([image, weight, bias])
      let count = try call.windowExtents(of: image.shape).count
      guard weight.rank == image.rank else {
        throw .operandShape(1, found: weight.shape, needed: "a tensor of \(image.rank) dimensions")
      }
      let kernel = Array(weight.shape[2...])
      let named = try call.sizes(
        "kernel_shape", count: count, in: 1...ONNXCall.largestSize, default: 1)
      guard !call.has("kernel_shape") || named == kernel else {
        throw .attribute(
          "kernel_shape", found: "\(named)", needed: "the extents \(kernel) of the weight")
      }
      axes = try call.windowAxes(image: image.shape, kernel: kernel)
      groups = try call.int("group", default: 1)
      guard (1...ONNXCall.largestSize).contains(groups) else {
        throw .attribute("group", found: "\(groups)", needed: "a number of groups")
      }
    }
  }

  private static func convolution(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let operands = try Operands(importer, call)
    var inputs = [try importer.rows(operands.image), try importer.rows(operands.weight)]
    if let bias = operands.bias { inputs.append(bias) }
    let result = try importer.emit(inputs) {
      $0.convolution(
        $1[0], weight: $1[1], bias: $1.count == 3 ? $1[2] : nil, operands.axes.geometry,
        groups: operands.groups, label: $2)
    }
    return [try importer.unrowed(result, like: operands.image)]
  }

  private static func transposedConvolution(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let operands = try Operands(importer, call)
    let axes = try transposedAxes(operands.axes, call)
    let image = try importer.rows(operands.image)
    let weight = try importer.rows(operands.weight)
    // More than the graph's op takes: rows and columns that no window reaches.
    let needsMargin = axes.contains { $0.margin > 0 && $0.margin >= $0.mostMargin }
    var inputs = [image, weight]
    if let bias = operands.bias, !needsMargin { inputs.append(bias) }
    let outputPadding =
      needsMargin ? 0 : Size2D(height: axes[0].margin, width: axes[1].margin)
    var result = try importer.emit(inputs) {
      $0.transposedConvolution(
        $1[0], weight: $1[1], bias: $1.count == 3 ? $1[2] : nil, axes.map(\.window).geometry,
        outputPadding: outputPadding, groups: operands.groups, label: $2)
    }
    if needsMargin {
      result = try importer.pad(
        result, before: [0, 0, 0, 0], after: [0, 0, axes[0].margin, axes[1].margin], .constant(0))
      if let bias = operands.bias {
        guard bias.shape == [result.shape[1]] else {
          throw .operandShape(2, found: bias.shape, needed: "\(result.shape[1]) numbers")
        }
        let column = try importer.reshape(bias, to: [1, result.shape[1], 1, 1])
        result = try importer.binary(.add, result, column)
      }
    }
    return [try importer.unrowed(result, like: operands.image)]
  }

  /// What `ConvTranspose` says of one axis.
  private struct TransposedAxis {
    /// The window, with the padding that is cut off the result.
    var window: WindowAxis
    /// How much the result is longer than what then remains.
    var margin: Int

    /// The output padding that the graph's op no longer takes.
    var mostMargin: Int { max(window.stride, window.dilation) }

    /// The result's extent without padding on either side.
    var whole: Int { max(0, window.extent - 1) * window.stride + window.reach }
  }

  /// The paddings under which the result has the extents that are asked for, directly or by
  /// `auto_pad`.
  private static func transposedAxes(
    _ windows: [WindowAxis], _ call: ONNXCall
  ) throws(ONNXProblem) -> [TransposedAxis] {
    let isSignal = call.operands.first??.rank == 3
    let count = isSignal ? 1 : 2
    let sizes = 0...ONNXCall.largestSize
    let outputPadding = try call.sizes("output_padding", count: count, in: sizes, default: 0)
    let automatic = try call.word("auto_pad", default: AutomaticPadding.explicit)
    var wanted: [Int]?
    if call.has("output_shape") {
      wanted = try call.sizes(
        "output_shape", count: count, in: 1...ONNXCall.largestSize, default: 0)
    } else if automatic == .sameUpper || automatic == .sameLower {
      wanted = windows.suffix(count).map { $0.extent * $0.stride }
    }
    var axes = windows.map { TransposedAxis(window: $0, margin: 0) }
    for index in 0..<count {
      let place = axes.count - count + index
      if let wanted = wanted?[index] {
        let total = axes[place].whole + outputPadding[index] - wanted
        (axes[place].window.before, axes[place].window.after) = automatic.split(max(0, total))
        axes[place].margin = max(0, -total)
      }
      // What is added behind the result is first of all not cut off there.
      let after = axes[place].window.after
      axes[place].margin += max(0, outputPadding[index] - after)
      axes[place].window.after = max(0, after - outputPadding[index])
    }
    return axes
  }
}
