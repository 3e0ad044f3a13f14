import GraphIR

/// What a `Resize` or `Upsample` node asks for, whatever its operator set.
struct ResizeRequest {
  enum Filter: String, CaseIterable {
    case nearest
    case linear
    case cubic
  }

  var filter = Filter.nearest
  /// How places between elements become elements, where the filter is `nearest`, along an axis that
  /// grows and along one that shrinks.
  var rounding = (growing: ResizeRounding.floor, shrinking: ResizeRounding.ceil)
  var coordinates = ResizeCoordinates.asymmetric
  var cubicCoefficient: Float = -0.75
  var excludesOutside = false
  var antialiases = false
  /// What stands where a region reaches beyond the tensor.
  var extrapolation: Float = 0
  /// An entry for each axis of the tensor.
  var axes: [ResizeAxis] = []

  /// The result's extents.
  var shape: Shape { Shape(axes.map(\.result)) }
}

extension ResizeRequest {
  /// Reads `Upsample`, or `Resize` before operator set 11, when it knew no attribute but the filter.
  ///
  /// Nothing said then how elements are found; this is how ONNX Runtime finds them.
  init(first importer: ONNXImporter, _ call: ONNXCall) throws(ONNXProblem) {
    let shape = try call.operand(0).shape
    filter = try Self.firstFilter(call)
    let scales: [Float]
    if call.node.op == "Upsample", call.opset < 7 {
      guard shape.count == 4 else { throw .shape(.rank(shape, expected: 4)) }
      scales = [
        1, 1, try Self.factor("height_scale", call), try Self.factor("width_scale", call),
      ]
    } else if call.node.op == "Upsample", call.opset < 9 {
      guard let given = try call.optionalFloats("scales") else { throw .missingAttribute("scales") }
      scales = given
    } else {
      scales = try importer.realNumbers(call, 1)
    }
    axes = try Self.axes(shape, scales: scales, along: Array(shape.indices))
  }

  /// Reads `Resize` since operator set 11.
  init(_ importer: ONNXImporter, _ call: ONNXCall) throws(ONNXProblem) {
    let shape = try call.operand(0).shape
    filter = try call.word("mode", default: Filter.nearest)
    let rounding = try call.word("nearest_mode", default: ResizeRounding.roundPreferFloor)
    self.rounding = (rounding, rounding)
    coordinates = try call.word(
      "coordinate_transformation_mode", default: ResizeCoordinates.halfPixel)
    cubicCoefficient = try call.float("cubic_coeff_a", default: -0.75)
    excludesOutside = try call.int("exclude_outside", default: 0) != 0
    antialiases = try call.int("antialias", default: 0) != 0
    extrapolation = try call.float("extrapolation_value", default: 0)

    let named = try call.optionalInts("axes")
    let along =
      try named.map { axes throws(ONNXProblem) in
        try call.axes(axes, rank: shape.count)
      } ?? Array(shape.indices)
    let scales = Self.isGiven(call, 2) ? try importer.realNumbers(call, 2) : nil
    let sizes = Self.isGiven(call, 3) ? try importer.wholeNumbers(call, 3) : nil
    switch (scales, sizes) {
    case (let scales?, nil): axes = try Self.axes(shape, scales: scales, along: along)
    case (nil, let sizes?):
      let policy = try call.word("keep_aspect_ratio_policy", default: AspectPolicy.stretch)
      axes = try Self.axes(shape, sizes: sizes, along: along, policy)
    case (nil, nil): throw .missingOperand(2)
    case (_?, _?): throw .form("both scales and sizes")
    }
    if coordinates == .tensorFlowCrop { try setRegions(importer, call, along: along) }
  }

  private enum AspectPolicy: String, CaseIterable {
    case stretch
    case notLarger = "not_larger"
    case notSmaller = "not_smaller"
  }

  private static func firstFilter(_ call: ONNXCall) throws(ONNXProblem) -> Filter {
    // A name of the first `Upsample` only.
    if call.opset < 7, try call.string("mode", default: "") == "bilinear" { return .linear }
    return try call.word("mode", default: Filter.nearest)
  }

  private static func factor(_ name: String, _ call: ONNXCall) throws(ONNXProblem) -> Float {
    guard let factor = try call.optionalFloat(name) else { throw .missingAttribute(name) }
    return factor
  }

  /// Whether there is an optional operand; those of no elements stand for none.
  private static func isGiven(_ call: ONNXCall, _ index: Int) -> Bool {
    call.optional(index).map { !$0.shape.contains(0) } ?? false
  }

  private static func axes(
    _ shape: Shape, scales: [Float], along axes: [Int]
  ) throws(ONNXProblem) -> [ResizeAxis] {
    guard scales.count == axes.count else {
      throw .attribute(
        "scales", found: "a list of \(scales.count)", needed: "a list of \(axes.count) numbers")
    }
    var result = unchanged(shape)
    for (axis, scale) in zip(axes, scales) {
      let length = Float(shape[axis]) * scale
      // Not a number fails every comparison.
      guard scale > 0, scale.isFinite, length < Float(ONNXCall.largestSize) else {
        throw .attribute(
          "scales", found: "\(scale)", needed: "a positive number, and no giant result,")
      }
      result[axis] = ResizeAxis(extent: shape[axis], result: Int(length), scale: scale)
    }
    return result
  }

  private static func axes(
    _ shape: Shape, sizes: [Int], along axes: [Int], _ policy: AspectPolicy
  ) throws(ONNXProblem) -> [ResizeAxis] {
    guard sizes.count == axes.count, sizes.allSatisfy((0...ONNXCall.largestSize).contains) else {
      throw .attribute(
        "sizes", found: "\(sizes.prefix(16))", needed: "a list of \(axes.count) extents")
    }
    var result = unchanged(shape)
    let ratios = zip(axes, sizes).map { Double($1) / Double(shape[$0]) }
    let common: Double? =
      switch policy {
      case .stretch: nil
      case .notLarger: ratios.min()
      case .notSmaller: ratios.max()
      }
    for (axis, size) in zip(axes, sizes) where shape[axis] > 0 {
      guard let common else {
        result[axis] = ResizeAxis(
          extent: shape[axis], result: size, scale: Float(size) / Float(shape[axis]))
        continue
      }
      let length = (common * Double(shape[axis]) + 0.5).rounded(.down)
      guard length < Double(ONNXCall.largestSize) else {
        throw .attribute("sizes", found: "\(sizes.prefix(16))", needed: "no giant result")
      }
      result[axis] = ResizeAxis(extent: shape[axis], result: Int(length), scale: Float(common))
    }
    return result
  }

  private static func unchanged(_ shape: Shape) -> [ResizeAxis] {
    shape.map { ResizeAxis(extent: $0, result: $0, scale: 1) }
  }

  /// Reads the parts of the axes that the result shows.
  private mutating func setRegions(
    _ importer: ONNXImporter, _ call: ONNXCall, along named: [Int]
  ) throws(ONNXProblem) {
    let ends = try importer.realNumbers(call, 1)
    guard ends.count == 2 * named.count, ends.allSatisfy(\.isFinite) else {
      throw .operandShape(1, found: [ends.count], needed: "\(2 * named.count) finite numbers")
    }
    for (index, axis) in named.enumerated() {
      axes[axis].region = (ends[index], ends[named.count + index])
    }
  }
}
