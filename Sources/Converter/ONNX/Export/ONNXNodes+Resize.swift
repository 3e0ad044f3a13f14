import GraphIR

// ONNX's Resize places pixels by `(y + 0.5) / scale - 0.5` and the like, in arithmetic of its own:
// good for a bilinear filter, but nearest neighbours then depend on how a quotient is rounded. Where
// that could matter, the rows and columns are looked up instead, which fixes the image's size.
extension ONNXNodes {
  mutating func resize(_ op: Resize, _ inputs: [Graph.Value]) throws(NeedsFixedSize) -> String {
    let image = name(inputs[0])
    switch (op.filter, op.target) {
    case (_, .like): preconditionFailure("settled before it is written")
    case (.bilinear, .size(let size)):
      let outer = add(
        "Slice", [add("Shape", [image]), integers([0], "first"), integers([2], "last")])
      let sizes = add(
        "Concat", [outer, integers([size.height, size.width], "size")], ["axis": .int(0)])
      return add("Resize", [image, "", "", sizes], op.filter.attributes)
    case (_, .scale(let height, let width)) where height.isPlainScale && width.isPlainScale:
      let scales = numbers([1, 1, Float(height), Float(width)], shape: [4], "scales")
      return add("Resize", [image, "", scales], op.filter.attributes)
    case (.nearest, _), (.bilinear, .scale): return try lookUp(op, inputs[0], image)
    }
  }

  private mutating func lookUp(
    _ op: Resize, _ value: Graph.Value, _ image: String
  ) throws(NeedsFixedSize) -> String {
    let size = Size2D(
      height: try shapes.fixedExtent(of: value, axis: 2),
      width: try shapes.fixedExtent(of: value, axis: 3))
    // The shapes were inferred before.
    guard let shape = try? op.outputShape(of: [shapes.shapes[value.index]]) else {
      throw NeedsFixedSize()
    }
    let result = Size2D(height: shape[2], width: shape[3])
    let steps = op.steps(image: size, result: result)
    let rows = Lookup(op.filter, extent: size.height, result: result.height, step: steps.rows)
    let columns = Lookup(op.filter, extent: size.width, result: result.width, step: steps.columns)
    return lookUp(columns, axis: 3, lookUp(rows, axis: 2, image))
  }

  private mutating func lookUp(_ lookup: Lookup, axis: Int, _ image: String) -> String {
    let attributes: [String: ONNXAttribute] = ["axis": .int(axis)]
    let before = add("Gather", [image, integers(lookup.before, "before")], attributes)
    guard let behind = lookup.behind else { return before }
    let other = add("Gather", [image, integers(behind.places, "behind")], attributes)
    let shape: Shape = axis == 3 ? [behind.weights.count] : [behind.weights.count, 1]
    let weights = numbers(behind.weights, shape: shape, "weights")
    let difference = add("Mul", [add("Sub", [other, before]), weights])
    return add("Add", [before, difference])
  }
}

/// The rows or columns that those of a result are made of.
private struct Lookup {
  let before: [Int]
  var behind: (places: [Int], weights: [Float])?

  init(_ filter: Resize.Filter, extent: Int, result: Int, step: Float) {
    let last = extent - 1
    switch filter {
    case .nearest: before = (0..<result).map { min(Int(Float($0) * step), last) }
    case .bilinear(let alignsCorners):
      let places = (0..<result).map {
        alignsCorners ? Float($0) * step : max((Float($0) + 0.5) * step - 0.5, 0)
      }
      let before = places.map { min(Int($0), last) }
      self.before = before
      behind = (
        before.map { min($0 + 1, last) },
        zip(places, before).map { place, row in row == last ? 0 : place - Float(row) }
      )
    }
  }
}

extension Resize.Filter {
  fileprivate var attributes: [String: ONNXAttribute] {
    switch self {
    case .nearest:
      [
        "mode": .string("nearest"), "nearest_mode": .string("floor"),
        "coordinate_transformation_mode": .string("asymmetric"),
      ]
    case .bilinear(let alignsCorners):
      [
        "mode": .string("linear"),
        "coordinate_transformation_mode": .string(alignsCorners ? "align_corners" : "half_pixel"),
      ]
    }
  }
}

extension Double {
  /// Whether division by this scale and multiplication by its reciprocal are the same in any
  /// precision, and no extent is kept that is scaled: true of small powers of 2.
  fileprivate var isPlainScale: Bool { [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32].contains(self) }
}
