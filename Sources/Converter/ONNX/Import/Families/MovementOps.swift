import GraphIR

/// Elements of any type under another shape or in another order.
enum MovementOps {
  static let table: [String: ONNXHandler] = [
    "Identity": { _, call throws(ONNXProblem) in [try call.operand(0)] },
    "Dropout": dropout,
    "Concat": concatenation,
    "Split": split,
    "Slice": slice,
    "Transpose": transpose,
    "Expand": expand,
    "Tile": tile,
    "DepthToSpace": depthToSpace,
    "SpaceToDepth": spaceToDepth,
  ]

  /// Drops nothing; the mask is true everywhere, and before opset 10 of the value's type.
  @Sendable private static func dropout(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    var trains = false
    if call.opset < 7 {
      trains = try call.int("is_test", default: 0) == 0
    } else if call.opset >= 12, let mode = call.optional(2) {
      trains = try importer.known(mode, operand: 2).floats()?.first != 0
    }
    if trains, call.opset >= 12, call.optional(1) != nil {
      trains = try importer.realNumber(call, 1) != 0
    }
    guard !trains else { throw .form("dropout as in training") }
    guard call.wants(output: 1) else { return [value] }
    var one = HostTensor([], truths: [true])
    if call.opset < 10 {
      guard value.dtype.isHostType else {
        throw .operandType(0, found: value.dtype, needed: "numbers of 16 bits or more")
      }
      one = try one.converted(to: value.dtype)
    }
    return [value, try importer.broadcast(ImportedValue(try one.tensor()), to: value.shape)]
  }

  @Sendable private static func concatenation(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let values = try call.allOperands()
    for (index, value) in values.enumerated() where value.dtype != values[0].dtype {
      throw .operandType(
        index, found: value.dtype, needed: "\(values[0].dtype.rawValue) values")
    }
    let axis = try call.axis(try call.int("axis", default: 1), rank: values[0].rank)
    return [try importer.concatenation(values, axis: axis)]
  }

  /// Into given extents, or into as many equal ones as there are results, the last of them smaller
  /// with `num_outputs`.
  @Sendable private static func split(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let axis = try call.axis(try call.int("axis", default: 0), rank: value.rank)
    let (extent, count) = (value.shape[axis], call.node.outputs.count)
    guard count > 0 else { return [] }
    var sizes: [Int]
    if let given = try importer.wholeNumbers(call, "split", operand: 1, since: 13) {
      sizes = given
    } else {
      let numbered = call.opset >= 18 ? try call.optionalInt("num_outputs") : nil
      guard (numbered ?? count) == count else {
        throw .attribute("num_outputs", found: "\(numbered ?? 0)", needed: "\(count)")
      }
      let size = (extent + count - 1) / count
      sizes = (0..<count).map { max(0, min(size, extent - $0 * size)) }
      guard numbered != nil || extent % count == 0 else {
        throw .form("\(count) results for an axis of \(extent)")
      }
    }
    guard sizes.count == count, sizes.allSatisfy({ 0...extent ~= $0 }),
      sizes.reduce(0, &+) == extent
    else { throw .form("the parts \(sizes.prefix(16)) of an axis of \(extent)") }
    var starts = [Int](repeating: 0, count: value.rank)
    var results = [ImportedValue]()
    for size in sizes {
      var extents = value.shape.dimensions
      extents[axis] = size
      results.append(
        try importer.slice(
          value, starts: starts, extents: extents, steps: starts.map { _ in 1 }))
      starts[axis] += size
    }
    return results
  }

  /// As a Python slice along each axis named: bounds count from the end where negative, and beyond
  /// the axis mean its end.
  @Sendable private static func slice(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let lists = ["starts", "ends", "axes"]
    var given = [[Int]?]()
    for (index, name) in lists.enumerated() {
      given.append(try importer.wholeNumbers(call, name, operand: index + 1, since: 10))
    }
    guard let starts = given[0], let ends = given[1] else {
      throw call.opset < 10 ? .missingAttribute("starts") : .missingOperand(1)
    }
    let steps =
      call.opset >= 10 && call.optional(4) != nil
      ? try importer.wholeNumbers(call, 4) : starts.map { _ in 1 }
    let axes = try call.axes(given[2] ?? Array(starts.indices), rank: value.rank)
    guard starts.count == axes.count, ends.count == axes.count, steps.count == axes.count else {
      throw .form(
        "\(starts.count) starts, \(ends.count) ends and \(steps.count) steps for \(axes.count) axes"
      )
    }
    var range = [SliceRange](value.shape.map { SliceRange(whole: $0) })
    for (index, axis) in axes.enumerated() {
      guard steps[index] != 0 else { throw .form("a step of 0") }
      range[axis] = SliceRange(
        from: starts[index], to: ends[index], by: steps[index], extent: value.shape[axis])
    }
    return [
      try importer.slice(
        value, starts: range.map(\.start), extents: range.map(\.count), steps: range.map(\.step))
    ]
  }

  @Sendable private static func transpose(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let permutation = try call.optionalInts("perm") ?? (0..<value.rank).reversed()
    guard permutation.sorted() == Array(0..<value.rank) else {
      throw .attribute(
        "perm", found: "\(permutation.prefix(16))", needed: "an order of \(value.rank) axes")
    }
    return [try importer.transpose(value, permutation)]
  }

  @Sendable private static func expand(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let asked = try Shape(checking: try importer.wholeNumbers(call, 1))
    guard let shape = value.shape.broadcast(with: asked) else {
      throw .shape(.notBroadcastable(value.shape, asked))
    }
    return [try importer.broadcast(value, to: try Shape(checking: shape.dimensions))]
  }

  @Sendable private static func tile(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    var value = try call.operand(0)
    let repeats = try importer.wholeNumbers(call, 1)
    guard repeats.count == value.rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw .operandValue(1, needed: "a count for each of \(value.rank) axes")
    }
    for (axis, count) in repeats.enumerated() where count != 1 {
      let extents = value.shape.dimensions
      let outer = extents[..<axis].reduce(1, *)
      let inner = extents[axis...].reduce(1, *)
      let repeated = try Shape(checking: [outer, count, inner])
      let (extent, overflow) = extents[axis].multipliedReportingOverflow(by: count)
      guard !overflow else { throw .extents([extents[axis], count]) }
      var result = extents
      result[axis] = extent
      let rows = try importer.reshape(value, to: [outer, 1, inner])
      value = try importer.reshape(
        try importer.broadcast(rows, to: repeated), to: try Shape(checking: result))
    }
    return [value]
  }

  private enum Order: String, CaseIterable {
    case depthFirst = "DCR"
    case columnFirst = "CRD"
  }

  /// Blocks of pixels from channels; a block's place is the outer part of a channel's number, or the
  /// inner one.
  @Sendable private static func depthToSpace(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (image, size) = try call.blocks()
    let shape = image.shape
    let order = try call.word("mode", default: Order.depthFirst)
    guard shape[1] % (size * size) == 0 else {
      throw .attribute(
        "blocksize", found: "\(size)", needed: "one whose square divides \(shape[1])")
    }
    let channels = shape[1] / (size * size)
    let split: [Int]
    let permutation: [Int]
    switch order {
    case .depthFirst:
      split = [shape[0], size, size, channels, shape[2], shape[3]]
      permutation = [0, 3, 4, 1, 5, 2]
    case .columnFirst:
      split = [shape[0], channels, size, size, shape[2], shape[3]]
      permutation = [0, 1, 4, 2, 5, 3]
    }
    let moved = try importer.transpose(
      try importer.reshape(image, to: Shape(split)), permutation)
    return [
      try importer.reshape(
        moved, to: try Shape(checking: [shape[0], channels, shape[2] * size, shape[3] * size]))
    ]
  }

  @Sendable private static func spaceToDepth(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (image, size) = try call.blocks()
    let shape = image.shape
    guard shape[2] % size == 0, shape[3] % size == 0 else {
      throw .attribute(
        "blocksize", found: "\(size)", needed: "one that divides \(shape[2]) and \(shape[3])")
    }
    let (height, width) = (shape[2] / size, shape[3] / size)
    let split = try importer.reshape(
      image, to: [shape[0], shape[1], height, size, width, size])
    // Only since opset 28 there is a choice.
    let order = try call.word("mode", default: Order.depthFirst)
    let moved = try importer.transpose(
      split, order == .depthFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4])
    return [
      try importer.reshape(
        moved, to: try Shape(checking: [shape[0], shape[1] * size * size, height, width]))
    ]
  }
}

/// What a Python slice takes of an axis.
private struct SliceRange {
  var start = 0
  var count: Int
  var step = 1

  init(whole extent: Int) { count = extent }

  /// A step of 0 is not for here.
  init(from first: Int, to last: Int, by step: Int, extent: Int) {
    // Where a bound can stand: before the first element only when going backwards.
    let bounds = step > 0 ? 0...extent : -1...extent - 1
    func clamped(_ place: Int) -> Int {
      let place = place < 0 ? place + extent : place
      return min(max(place, bounds.lowerBound), bounds.upperBound)
    }
    let (start, end) = (clamped(first), clamped(last))
    let distance = step > 0 ? end - start : start - end
    guard distance > 0 else {
      count = 0
      return
    }
    self.start = start
    count = Int((UInt(distance) - 1) / step.magnitude) + 1
    // With a single element any step serves, and one too large for arithmetic does not.
    self.step = count == 1 ? 1 : step
  }
}

extension ONNXCall {
  /// An image of four axes and a block size that nothing overflows with.
  fileprivate func blocks() throws(ONNXProblem) -> (image: ImportedValue, size: Int) {
    let image = try operand(0)
    guard image.rank == 4 else {
      throw .operandShape(0, found: image.shape, needed: "images of four axes")
    }
    guard let size = try optionalInt("blocksize") else { throw .missingAttribute("blocksize") }
    guard 1...Self.largestBlock ~= size else {
      throw .attribute("blocksize", found: "\(size)", needed: "from 1 to \(Self.largestBlock)")
    }
    return (image, size)
  }

  /// Pixels along a block; squared, it is still far from what integers hold.
  private static let largestBlock = 1 << 15
}
