import GraphIR

/// Convolutions of signals, images and volumes, and their transposes.
///
/// The graph has those of images alone. A signal is an image of one row; a volume becomes many
/// images, the part of the window that steps through it being moved into the channels.
enum ConvolutionOps {
  static let table: [String: ONNXHandler] = [
    "Conv": convolution,
    "ConvTranspose": transposedConvolution,
  ]

  private static func convolution(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let operands = try ConvolutionOperands(importer, call)
    return [try importer.convolution(operands)]
  }
}

/// What `Conv` and `ConvTranspose` are given: image, weight, and a bias or none.
struct ConvolutionOperands {
  var image: ImportedValue
  var weight: ImportedValue
  var bias: ImportedValue?
  var axes: [WindowAxis]
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

extension ONNXImporter {
  fileprivate mutating func convolution(
    _ operands: ConvolutionOperands
  ) throws(ONNXProblem) -> ImportedValue {
    let (image, weight) = (operands.image, operands.weight)
    var parts = operands
    switch image.rank {
    case 3:
      parts.image = try reshape(image, to: image.shape.asRow)
      parts.weight = try reshape(weight, to: weight.shape.asRow)
      parts.axes.insert(WindowAxis(extent: 1, taps: 1), at: 0)
      let result = try convolution(parts)
      return try reshape(result, to: [result.shape[0], result.shape[1], result.shape[3]])
    case 5:
      let depth = parts.axes.removeFirst()
      let results = depth.results()
      guard results > 0 else {
        throw .operandShape(0, found: image.shape, needed: "a volume that the window fits into")
      }
      try requireTable([results, depth.taps])
      // The slices under each place of the window, side by side with the channels.
      let padded = try pad(
        image, before: [0, 0, depth.before, 0, 0], after: [0, 0, depth.after, 0, 0], .constant(0))
      let slices = try gather(
        padded, constant(depth.places(results), [results, depth.taps]), axis: 2)
      parts.image = try reshape(
        try transpose(slices, [0, 2, 1, 3, 4, 5]),
        to: [
          try Self.product([image.shape[0], results]),
          try Self.product([image.shape[1], depth.taps]), image.shape[3], image.shape[4],
        ])
      parts.weight = try reshape(weight, to: try slicesAsChannels(weight.shape))
      let result = try convolution(parts)
      let shape = result.shape
      let volume = try reshape(
        result, to: [image.shape[0], results, shape[1], shape[2], shape[3]])
      return try transpose(volume, [0, 2, 1, 3, 4])
    default:
      return try emit([image, weight] + (operands.bias.map { [$0] } ?? [])) {
        $0.convolution(
          $1[0], weight: $1[1], bias: $1.count == 3 ? $1[2] : nil, operands.axes.geometry,
          groups: operands.groups, label: $2)
      }
    }
  }

  /// The shape of a volume's weight as an image's, with so many more channels.
  func slicesAsChannels(_ weight: Shape) throws(ONNXProblem) -> Shape {
    [weight[0], try Self.product([weight[1], weight[2]]), weight[3], weight[4]]
  }
}

extension Shape {
  /// The shape of a signal, or of a window over one, as an image of one row.
  var asRow: Shape { [self[0], self[1], 1, self[2]] }
}
