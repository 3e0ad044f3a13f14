import GraphIR

/// The same elements under another shape, and elements by their indices.
enum ShapingOps {
  static let table: [String: ONNXHandler] = [
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Gather": gather,
    "GatherElements": gatherElements,
  ]

  /// An extent of 0 is the operand's, unless `allowzero` takes it as it is; -1 is what is left.
  @Sendable private static func reshape(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let asked = try importer.wholeNumbers(call, 1)
    guard asked.count <= ONNXImporter.mostAxes else {
      throw .limit("axes", maximum: ONNXImporter.mostAxes)
    }
    let allowsZero = call.opset >= 14 ? try call.int("allowzero", default: 0) != 0 : false
    var extents = [Int]()
    for (axis, extent) in asked.enumerated() {
      if extent == 0, !allowsZero {
        guard axis < value.rank else { throw .shape(.axis(axis, rank: value.rank)) }
        extents.append(value.shape[axis])
      } else {
        extents.append(extent)
      }
    }
    if let open = extents.firstIndex(of: -1) {
      var others = extents
      others[open] = 1
      let rest = try Shape(checking: others).elementCount
      guard rest > 0, value.shape.elementCount % rest == 0 else { throw .extents(asked) }
      extents[open] = value.shape.elementCount / rest
    }
    return [try importer.reshape(value, to: try Shape(checking: extents))]
  }

  /// The axes before one and those from it on, as a matrix.
  @Sendable private static func flatten(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    var axis = try call.int("axis", default: 1)
    if axis != value.rank { axis = try call.axis(axis, rank: value.rank) }
    let extents = value.shape.dimensions
    return [
      try importer.reshape(
        value, to: [extents[..<axis].reduce(1, *), extents[axis...].reduce(1, *)])
    ]
  }

  @Sendable private static func squeeze(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let given = try importer.wholeNumbers(call, "axes", operand: 1, since: 13)
    let axes =
      try given.map { given throws(ONNXProblem) in try call.axes(given, rank: value.rank) }
      ?? value.shape.indices.filter { value.shape[$0] == 1 }
    for axis in axes where value.shape[axis] != 1 {
      throw .operandShape(0, found: value.shape, needed: "an extent of 1 along axis \(axis)")
    }
    let extents = value.shape.indices.filter { !axes.contains($0) }.map { value.shape[$0] }
    return [try importer.reshape(value, to: Shape(extents))]
  }

  /// Axes count in the result.
  @Sendable private static func unsqueeze(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    guard let given = try importer.wholeNumbers(call, "axes", operand: 1, since: 13) else {
      throw call.opset < 13 ? .missingAttribute("axes") : .missingOperand(1)
    }
    guard given.count <= ONNXImporter.mostAxes else {
      throw .limit("axes", maximum: ONNXImporter.mostAxes)
    }
    let axes = try call.axes(given, rank: value.rank + given.count)
    var extents = value.shape.dimensions
    for axis in axes.sorted() { extents.insert(1, at: axis) }
    return [try importer.reshape(value, to: Shape(extents))]
  }

  /// Indices may be computed; those that are known are checked.
  @Sendable private static func gather(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (value, indices) = (try call.operand(0), try call.operand(1))
    let axis = try call.axis(try call.int("axis", default: 0), rank: value.rank)
    try call.requireIndices(indices)
    guard let places = try indices.places(extent: value.shape[axis]) else {
      return [try importer.gather(value, indices, axis: axis)]
    }
    return [try importer.take(value, places, shape: indices.shape, axis: axis)]
  }

  /// One element for each index, which names its place along one axis; the others are its own.
  @Sendable private static func gatherElements(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (value, indices) = (try call.operand(0), try call.operand(1))
    let axis = try call.axis(try call.int("axis", default: 0), rank: value.rank)
    let places = try importer.elementPlaces(call, value.shape, indices, axis: axis)
    let line = try importer.reshape(value, to: [value.shape.elementCount])
    return [
      try importer.take(
        line, places, shape: indices.shape, axis: 0)
    ]
  }
}

extension ONNXImporter {
  /// For each index along an axis, the place of its element among all, in row-major order; along
  /// the other axes its own place counts.
  func elementPlaces(
    _ call: ONNXCall, _ shape: Shape, _ indices: ImportedValue, axis: Int
  ) throws(ONNXProblem) -> [Int] {
    try call.requireIndices(indices)
    let fits =
      indices.rank == shape.count
      && shape.indices.allSatisfy { $0 == axis || indices.shape[$0] <= shape[$0] }
    guard fits else { throw .operandShape(1, found: indices.shape, needed: "at most \(shape)") }
    let places = try knownPlaces(indices, extent: shape[axis])
    var steps = shape.rowMajorSteps
    let step = steps[axis]
    steps[axis] = 0
    let starts = StridedWalk(
      result: indices.shape, operands: [StridedWalk.Operand(steps: steps)]
    ).places
    return zip(starts, places).map { $0 + $1 * step }
  }

  /// Indices counted from 0, which must be known now.
  private func knownPlaces(
    _ indices: ImportedValue, extent: Int
  ) throws(ONNXProblem) -> [Int] {
    _ = try known(indices, operand: 1)
    guard let places = try indices.places(extent: extent) else {
      throw .limit("indices", maximum: HostOps.mostWholeNumbers)
    }
    return places
  }
}

extension ONNXCall {
  func requireIndices(_ indices: ImportedValue) throws(ONNXProblem) {
    guard indices.dtype == .int64 || indices.dtype == .int32 else {
      throw .operandType(1, found: indices.dtype, needed: "I32 or I64 values")
    }
  }
}

extension ImportedValue {
  /// Indices counted from 0 where they are known and few; those given from the end are mended.
  ///
  /// - Throws: `ONNXProblem.operandValue` for one beyond the axis.
  fileprivate func places(extent: Int) throws(ONNXProblem) -> [Int]? {
    guard let known, let indices = try HostTensor(known)?.wholes else { return nil }
    guard indices.allSatisfy({ -extent..<extent ~= $0 }) else {
      throw .operandValue(1, needed: "an index within the extent \(extent)")
    }
    return indices.map { $0 < 0 ? $0 + extent : $0 }
  }
}
