import GraphIR

/// Tensors of another size, by interpolation along one axis after another.
enum ResizeOps {
  static let table: [String: ONNXHandler] = ["Resize": resize, "Upsample": resize]

  private static func resize(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let isFirst = call.node.op == "Upsample" || call.opset < 11
    let request = isFirst ? try ResizeRequest(first: importer, call) : try .init(importer, call)
    if request.filter != .nearest { try importer.requireRealNumbers([value]) }
    return [try importer.resized(value, request)]
  }
}

extension ONNXImporter {
  fileprivate mutating func resized(
    _ value: ImportedValue, _ request: ResizeRequest
  ) throws(ONNXProblem) -> ImportedValue {
    guard request.shape.isComputable else { throw .shape(.tooLarge(request.shape)) }
    if request.shape.contains(0) {
      return ImportedValue(Tensor(shape: request.shape, []).converted(to: value.dtype))
    }
    guard !value.shape.contains(0) else {
      throw .operandShape(0, found: value.shape, needed: "a tensor with elements")
    }
    var axes = [PlacedAxis]()
    for (index, axis) in request.axes.enumerated() where !axis.isIdentity {
      try requireTable([axis.result])
      axes.append(PlacedAxis(index: index, axis: axis, places: request.coordinates.places(axis)))
    }
    var result: ImportedValue
    if let quick = try resizedAsImage(value, request, axes) {
      result = quick
    } else {
      result = value
      for axis in axes { result = try resized(result, request, along: axis) }
    }
    guard request.coordinates == .tensorFlowCrop else { return result }
    for axis in axes {
      let outside = axis.places.map {
        $0 >= 0 && $0 <= Float(axis.axis.extent - 1) ? 0 : 1 as Float
      }
      guard outside.contains(1) else { continue }
      var extents = request.axes.map { _ in 1 }
      extents[axis.index] = axis.axis.result
      result = try select(
        constant(outside, Shape(extents)), scalar(request.extrapolation), result
      ).typed(value.dtype)
    }
    return result
  }

  /// An axis that changes, with the place of each element of the result.
  private struct PlacedAxis {
    let index: Int
    let axis: ResizeAxis
    let places: [Float]
  }

  /// One axis resized: elements picked, or weighed by a matrix.
  private mutating func resized(
    _ value: ImportedValue, _ request: ResizeRequest, along placed: PlacedAxis
  ) throws(ONNXProblem) -> ImportedValue {
    let axis = placed.axis
    guard let kernel = request.kernel else {
      let elements = request.rounding(axis).elements(at: placed.places, extent: axis.extent)
      guard axis.extent <= Self.mostExactInteger else { throw .shape(.tooLarge(value.shape)) }
      return try gather(
        value, constant(elements.map(Float.init), [axis.result]), axis: placed.index)
    }
    try requireTable([axis.result, axis.extent])
    let weights = kernel.weights(
      at: placed.places, extent: axis.extent, stretch: request.stretch(axis),
      excludesOutside: request.excludesOutside)
    let outer = try Self.product(value.shape[..<placed.index])
    let inner = try Self.product(value.shape[(placed.index + 1)...])
    var extents = value.shape.dimensions
    extents[placed.index] = axis.result
    let result: ImportedValue
    if inner == 1 {
      // One product instead of many of a single column.
      var columns = [Float]()
      columns.reserveCapacity(weights.count)
      for column in 0..<axis.extent {
        for row in 0..<axis.result { columns.append(weights[row * axis.extent + column]) }
      }
      result = try matrixProduct(
        try reshape(value, to: [outer, axis.extent]),
        constant(columns, [axis.extent, axis.result]))
    } else {
      result = try matrixProduct(
        constant(weights, [axis.result, axis.extent]),
        try reshape(value, to: [outer, axis.extent, inner]))
    }
    return try reshape(result, to: Shape(extents))
  }

  /// The whole by the graph's own op for images, or nil where that would give anything else.
  private mutating func resizedAsImage(
    _ value: ImportedValue, _ request: ResizeRequest, _ axes: [PlacedAxis]
  ) throws(ONNXProblem) -> ImportedValue? {
    guard value.rank == 3 || value.rank == 4, !axes.isEmpty,
      axes.allSatisfy({ $0.index >= 2 })
    else { return nil }
    let filter: Resize.Filter
    switch request.filter {
    case .nearest: filter = .nearest
    case .linear: filter = .bilinear(alignsCorners: request.coordinates == .alignCorners)
    case .cubic: return nil
    }
    let sizes = request.axes[2...].suffix(2)
    let rows = value.rank == 3 ? ResizeAxis(extent: 1, result: 1, scale: 1) : request.axes[2]
    guard let columns = sizes.last else { return nil }
    let image = Size2D(height: rows.extent, width: columns.extent)
    let result = Size2D(height: rows.result, width: columns.result)
    let targets: [Resize.Target] = [
      .size(result), .scale(height: Double(rows.scale), width: Double(columns.scale)),
    ]
    for target in targets {
      let op = Resize(filter, to: target)
      guard
        let shape = try? op.outputShape(of: [[1, 1, image.height, image.width]]),
        shape == [1, 1, result.height, result.width]
      else { continue }
      let steps = op.steps(image: image, result: result)
      let agrees = axes.allSatisfy { placed in
        let isColumns = placed.index == value.rank - 1
        return request.agrees(
          placed.places, with: filter, step: isColumns ? steps.columns : steps.rows, placed.axis)
      }
      guard agrees else { continue }
      let resized = try emit([
        try reshape(value, to: value.rank == 3 ? value.shape.asRow : value.shape)
      ]) {
        $0.resize($1[0], filter, to: target, label: $2)
      }
      return try reshape(resized, to: request.shape)
    }
    return nil
  }
}

extension ResizeRequest {
  fileprivate var kernel: ResizeKernel? {
    switch filter {
    case .nearest: nil
    case .linear: .linear
    case .cubic: .cubic(cubicCoefficient)
    }
  }

  fileprivate func rounding(_ axis: ResizeAxis) -> ResizeRounding {
    axis.scale < 1 ? rounding.shrinking : rounding.growing
  }

  fileprivate func stretch(_ axis: ResizeAxis) -> Double {
    antialiases ? min(1, Double(axis.scale)) : 1
  }

  /// Whether the graph's op for images, with the step that it takes along an axis, finds the same
  /// elements: exactly for the nearest one, and up to rounding for the place between two.
  fileprivate func agrees(
    _ places: [Float], with filter: Resize.Filter, step: Float, _ axis: ResizeAxis
  ) -> Bool {
    let last = Float(axis.extent - 1)
    switch filter {
    case .nearest:
      let elements = rounding(axis).elements(at: places, extent: axis.extent)
      return elements.enumerated().allSatisfy {
        $0.element == min(Int(Float($0.offset) * step), axis.extent - 1)
      }
    case .bilinear(let alignsCorners):
      guard stretch(axis) == 1 else { return false }
      return places.enumerated().allSatisfy { index, place in
        let index = Float(index)
        let other = alignsCorners ? index * step : (index + 0.5) * step - 0.5
        let (a, b) = (min(max(place, 0), last), min(max(other, 0), last))
        return abs(a - b) <= 8 * max(1, a).ulp
      }
    }
  }
}
