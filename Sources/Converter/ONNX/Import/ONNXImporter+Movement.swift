import GraphIR

// Moving elements: what is known and small is moved at once, whatever its type, so that chains of
// shapes stay known; everything else becomes a node.
extension ONNXImporter {
  mutating func reshape(
    _ value: ImportedValue, to shape: Shape
  ) throws(ONNXProblem) -> ImportedValue {
    if value.shape == shape { return value }
    guard value.shape.elementCount == shape.checkedElementCount else {
      throw .shape(.elementCount(value.shape, shape))
    }
    switch value.content {
    case .known(let tensor): return ImportedValue(tensor.reshaped(to: shape))
    case .computed(let made):
      // Back to the shape from which it came: the operation behind sees the one before.
      let node = builder.nodes[made.index]
      if case .reshape = node.op, shapes[node.inputs[0].index] == shape {
        return ImportedValue(
          node.inputs[0], shape: shape, dtype: value.dtype, isFixed: value.isFixed)
      }
      return try emit([value]) { $0.reshape($1[0], to: shape, label: $2) }
    }
  }

  mutating func transpose(
    _ value: ImportedValue, _ permutation: [Int]
  ) throws(ONNXProblem) -> ImportedValue {
    if permutation == Array(0..<value.rank) { return value }
    if permutation.sorted() == Array(0..<value.rank) {
      let steps = value.shape.rowMajorSteps
      let moved = try rearranged(
        value, to: Shape(permutation.map { value.shape[$0] }),
        StridedWalk.Operand(steps: permutation.map { steps[$0] }))
      if let moved { return moved }
    }
    return try emit([value]) { $0.transpose($1[0], permutation: permutation, label: $2) }
  }

  /// One entry an axis; everything that is taken lies within the value.
  mutating func slice(
    _ value: ImportedValue, starts: [Int], extents: [Int], steps: [Int]
  ) throws(ONNXProblem) -> ImportedValue {
    let isWhole = steps.allSatisfy { $0 == 1 } && extents == value.shape.dimensions
    if isWhole, starts.allSatisfy({ $0 == 0 }) { return value }
    if !extents.contains(0) {
      let rowMajor = value.shape.rowMajorSteps
      let moved = try rearranged(
        value, to: Shape(extents),
        StridedWalk.Operand(
          start: zip(starts, rowMajor).reduce(0) { $0 + $1.0 * $1.1 },
          steps: zip(steps, rowMajor).map { $0 * $1 }))
      if let moved { return moved }
    } else if let tensor = value.known {
      return ImportedValue(tensor.taking([], shape: Shape(extents)))
    }
    return try emit([value]) {
      $0.slice($1[0], starts: starts, extents: extents, steps: steps, label: $2)
    }
  }

  mutating func broadcast(
    _ value: ImportedValue, to shape: Shape
  ) throws(ONNXProblem) -> ImportedValue {
    if value.shape == shape { return value }
    if value.shape.broadcast(with: shape) == shape {
      let moved = try rearranged(
        value, to: shape, StridedWalk.Operand(steps: value.shape.steps(in: shape)))
      if let moved { return moved }
    }
    return try emit([value]) { $0.broadcast($1[0], to: shape, label: $2) }
  }

  /// Joined along an axis counted from 0 and within the rank.
  mutating func concatenation(
    _ values: [ImportedValue], axis: Int
  ) throws(ONNXProblem) -> ImportedValue {
    if values.count == 1 { return values[0] }
    let tensors = values.compactMap(\.known)
    if tensors.count == values.count, tensors.allSatisfy({ $0.dtype == tensors[0].dtype }) {
      let extents = values.map(\.shape.dimensions)
      var extent = 0
      var fits = true
      for shape in extents {
        guard shape.count == extents[0].count else { fits = false; break }
        var other = shape
        other[axis] = extents[0][axis]
        fits = fits && other == extents[0]
        extent += shape[axis]
      }
      var joinedExtents = extents[0]
      joinedExtents[axis] = extent
      let shape = Shape(joinedExtents)
      if fits, HostTensor.fits(tensors[0].dtype, shape) {
        let joined = Tensor.joined(tensors, axis: axis, shape: shape)
        try count([joined, joined], of: [])
        return ImportedValue(joined)
      }
    }
    return try emit(values) { $0.concatenation($1, axis: axis, label: $2) }
  }

  /// The elements along an axis, counted from 0, at indices that lie within it, as many as `shape`
  /// has elements.
  mutating func take(
    _ value: ImportedValue, _ indices: [Int], shape: Shape, axis: Int
  ) throws(ONNXProblem) -> ImportedValue {
    let result = Shape(
      value.shape[..<axis] + shape.dimensions + value.shape[(axis + 1)...])
    if let tensor = value.known, HostTensor.fits(value.dtype, result) {
      let inner = value.shape[(axis + 1)...].reduce(1, *)
      let outer = value.shape[..<axis].reduce(1, *)
      var places = [Int]()
      places.reserveCapacity(result.elementCount)
      if inner > 0 {
        for index in 0..<outer {
          for taken in indices {
            let start = (index * value.shape[axis] + taken) * inner
            places += start..<start + inner
          }
        }
      }
      let moved = tensor.taking(places, shape: result)
      try count([moved, moved], of: [])
      return ImportedValue(moved)
    }
    // One index is a slice, which moves nothing.
    if indices.count == 1 {
      var starts = [Int](repeating: 0, count: value.rank)
      var extents = value.shape.dimensions
      (starts[axis], extents[axis]) = (indices[0], 1)
      let row = try slice(
        value, starts: starts, extents: extents, steps: starts.map { _ in 1 })
      return try reshape(row, to: result)
    }
    // The graph holds indices as floats.
    guard value.shape[axis] <= Self.mostExactInteger else { throw .beyondFloats }
    try requireTable(shape.dimensions)
    return try gather(value, constant(indices.map { Float($0) }, shape), axis: axis)
  }

  /// A small known value with its elements elsewhere; nil for others.
  private mutating func rearranged(
    _ value: ImportedValue, to shape: Shape, _ elements: @autoclosure () -> StridedWalk.Operand
  ) throws(ONNXProblem) -> ImportedValue? {
    guard let tensor = value.known, HostTensor.fits(value.dtype, shape) else { return nil }
    let moved = tensor.rearranged(to: shape, elements())
    try count([moved, moved], of: [])
    return ImportedValue(moved)
  }
}
