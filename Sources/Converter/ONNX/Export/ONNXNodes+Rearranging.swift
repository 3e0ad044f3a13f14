import GraphIR

// Ops that move elements and compute nothing. Where a value has a batch, its first axis is left
// alone, whatever its extent.
extension ONNXNodes {
  mutating func reshape(_ op: Reshape, _ inputs: [Graph.Value]) -> String {
    let hasBatch = shapes.hasBatch[inputs[0].index]
    // In ONNX a 0 keeps the operand's extent.
    var extents = op.shape.dimensions
    if hasBatch { extents[0] = 0 }
    return add("Reshape", [name(inputs[0]), integers(extents, "shape")])
  }

  mutating func transpose(_ op: Transpose, _ inputs: [Graph.Value]) -> String {
    // Without axes there is nothing to say, and an empty list would not be written.
    guard !op.permutation.isEmpty else { return add("Identity", [name(inputs[0])]) }
    return add("Transpose", [name(inputs[0])], ["perm": .ints(op.permutation)])
  }

  mutating func slicing(_ op: Slicing, _ inputs: [Graph.Value]) -> String {
    let hasBatch = shapes.hasBatch[inputs[0].index]
    let axes = op.starts.indices.filter { !(hasBatch && $0 == 0) }
    guard !axes.isEmpty else { return add("Identity", [name(inputs[0])]) }
    // Of one element the step may be any number; otherwise it lies within the axis.
    let steps = axes.map { op.extents[$0] > 1 ? op.steps[$0] : 1 }
    let ends = zip(axes, steps).map { axis, step in
      let end = op.starts[axis] + op.extents[axis] * step
      // A negative end would count from behind: this one lies before the first element.
      return end < 0 ? Int(Int32.min) : end
    }
    return add(
      "Slice",
      [
        name(inputs[0]), integers(axes.map { op.starts[$0] }, "starts"), integers(ends, "ends"),
        integers(axes, "axes"), integers(steps, "steps"),
      ])
  }

  mutating func concatenation(_ op: Concatenation, _ inputs: [Graph.Value]) -> String {
    let hasBatch = inputs.contains { shapes.hasBatch[$0.index] }
    let operands = inputs.map { value in
      guard hasBatch, !shapes.hasBatch[value.index] else { return name(value) }
      // The same for every image: `[1, …]` becomes `[batch, …]`.
      let ones = Array(repeating: 1, count: shapes.shapes[value.index].count - 1)
      let extents = add("Concat", [batch(), integers(ones, "ones")], ["axis": .int(0)])
      return add("Expand", [name(value), extents])
    }
    return add("Concat", operands, ["axis": .int(op.axis)])
  }

  mutating func broadcast(_ op: Broadcast, _ inputs: [Graph.Value]) -> String {
    // In ONNX an extent of 1 keeps the operand's.
    let hasBatch = shapes.hasBatch[inputs[0].index]
    var extents = op.shape.dimensions
    if hasBatch { extents[0] = 1 }
    return add("Expand", [name(inputs[0]), integers(extents, "shape")])
  }

  mutating func gather(_ op: Gather, _ inputs: [Graph.Value]) throws(NeedsFixedSize) -> String {
    let extent = try shapes.fixedExtent(of: inputs[0], axis: op.axis)
    let indices: String
    if let known = constant(inputs[1]), let values = known.floats() {
      let places = values.map { Gather.place(of: $0, extent: max(extent, 1)) }
      indices = integers(Tensor(int64: places, shape: known.shape), "indices")
    } else {
      // ONNX leaves open what an index outside the axis does, or one that is not a number.
      let value = name(inputs[1])
      let index = add("Where", [add("IsNaN", [value]), numbers([0], "zero"), value])
      let low = numbers([Float(-extent)], "lowest")
      let high = numbers([Float(extent - 1)], "highest")
      let within = add("Clip", [index, low, high])
      indices = add("Cast", [within], ["to": .int(ONNXElementType.int64)])
    }
    return add("Gather", [name(inputs[0]), indices], ["axis": .int(op.axis)])
  }

  mutating func pad(_ op: Pad, _ inputs: [Graph.Value]) throws(NeedsFixedSize) -> String {
    let value = name(inputs[0])
    let amounts = op.before + op.after
    guard amounts.contains(where: { $0 > 0 }) else { return add("Identity", [value]) }
    let mode: String
    var fill = [String]()
    switch op.mode {
    case .constant(let number):
      mode = "constant"
      fill = [numbers([number], "value")]
    case .edge: mode = "edge"
    // Mirrored once ONNX has it, mirrored again and again or wrapped not in all operator sets.
    case .reflect, .wrap: return try padByPlaces(op, inputs[0])
    }
    return add("Pad", [value, integers(amounts, "pads")] + fill, ["mode": .string(mode)])
  }

  private mutating func padByPlaces(
    _ op: Pad, _ value: Graph.Value
  ) throws(NeedsFixedSize) -> String {
    var result = name(value)
    for axis in op.before.indices where op.before[axis] + op.after[axis] > 0 {
      let extent = try shapes.fixedExtent(of: value, axis: axis)
      let places = (0..<op.before[axis] + extent + op.after[axis]).map {
        op.source(of: $0, axis: axis, extent: extent) ?? 0
      }
      result = add("Gather", [result, integers(places, "places")], ["axis": .int(axis)])
    }
    return result
  }
}
