import GraphIR

/// Sums of products over named axes.
enum EinsumOps {
  static let table: [String: ONNXHandler] = ["Einsum": einsum]

  /// Operands are multiplied from left to right, and an axis is summed as soon as nothing to the
  /// right has it.
  @Sendable private static func einsum(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    guard call.has("equation") else { throw .missingAttribute("equation") }
    var values = [ImportedValue]()
    for index in call.operands.indices {
      values.append(try importer.real(call, index))
      guard values[index].dtype == values[0].dtype else {
        throw .operandType(
          index, found: values[index].dtype, needed: "\(values[0].dtype.rawValue) values")
      }
    }
    guard !values.isEmpty else { throw .missingOperand(0) }
    let equation = try EinsumEquation(
      try call.string("equation", default: ""), ranks: values.map(\.rank))
    var last: [EinsumEquation.Axis: Int] = [:]
    for (index, axes) in equation.operands.enumerated() {
      for axis in axes { last[axis] = index }
    }
    for axis in equation.result { last[axis] = values.count }

    var result = try importer.diagonal(values[0], equation.operands[0], operand: 0)
    for index in values.indices.dropFirst() {
      result = try importer.product(
        result, try importer.diagonal(values[index], equation.operands[index], operand: index),
        keeping: Set(last.keys.filter { last[$0, default: 0] > index }))
    }
    result = try importer.sum(result, keeping: Set(equation.result))
    return [try importer.ordered(result, equation.result).value]
  }
}

/// A value whose axes have names, each once.
private struct NamedAxes {
  var value: ImportedValue
  var axes: [EinsumEquation.Axis]

  func extents(_ named: [EinsumEquation.Axis]) -> [Int] {
    named.map { name in axes.firstIndex(of: name).map { value.shape[$0] } ?? 1 }
  }
}

extension ONNXImporter {
  /// A value without its repeated axes: only the elements with equal indices along them.
  fileprivate mutating func diagonal(
    _ value: ImportedValue, _ axes: [EinsumEquation.Axis], operand: Int
  ) throws(ONNXProblem) -> NamedAxes {
    var result = NamedAxes(value: value, axes: axes)
    while let second = result.axes.indices.first(where: {
      result.axes[..<$0].contains(result.axes[$0])
    }), let first = result.axes.firstIndex(of: result.axes[second]) {
      let shape = result.value.shape
      let extent = shape[first]
      guard shape[second] == extent else {
        throw .operandShape(operand, found: value.shape, needed: "one extent for each letter")
      }
      // The two at the end as one axis: what is on the diagonal lies evenly spaced there.
      let others = shape.indices.filter { $0 != first && $0 != second }
      let outer = others.map { shape[$0] }
      let flat = try reshape(
        try transpose(result.value, others + [first, second]),
        to: Shape(outer + [try Self.product([extent, extent])]))
      let taken = try slice(
        flat, starts: flat.shape.map { _ in 0 }, extents: outer + [extent],
        steps: outer.map { _ in 1 } + [extent > 1 ? extent + 1 : 1])
      result = NamedAxes(value: taken, axes: others.map { result.axes[$0] } + [result.axes[first]])
    }
    return result
  }

  /// Summed over the axes that nothing needs any more.
  fileprivate mutating func sum(
    _ named: NamedAxes, keeping kept: Set<EinsumEquation.Axis>
  ) throws(ONNXProblem) -> NamedAxes {
    let summed = named.axes.indices.filter { !kept.contains(named.axes[$0]) }
    if summed.isEmpty { return named }
    let axes = named.axes.filter(kept.contains)
    let value = try reduction(.sum, named.value, axes: summed)
    return NamedAxes(value: try reshape(value, to: Shape(named.extents(axes))), axes: axes)
  }

  /// With its axes in another order.
  fileprivate mutating func ordered(
    _ named: NamedAxes, _ axes: [EinsumEquation.Axis]
  ) throws(ONNXProblem) -> NamedAxes {
    let permutation = axes.compactMap { named.axes.firstIndex(of: $0) }
    return NamedAxes(value: try transpose(named.value, permutation), axes: axes)
  }

  /// The products of all pairs of elements that agree in the axes which both have, summed over those
  /// that nothing needs any more; an extent of 1 agrees with all.
  fileprivate mutating func product(
    _ a: NamedAxes, _ b: NamedAxes, keeping kept: Set<EinsumEquation.Axis>
  ) throws(ONNXProblem) -> NamedAxes {
    let a = try sum(a, keeping: kept.union(b.axes))
    let b = try sum(b, keeping: kept.union(a.axes))
    let batch = a.axes.filter { b.axes.contains($0) && kept.contains($0) }
    let inner = a.axes.filter { b.axes.contains($0) && !kept.contains($0) }
    let left = a.axes.filter { !b.axes.contains($0) }
    let right = b.axes.filter { !a.axes.contains($0) }
    let axes = batch + left + right
    guard axes.count + inner.count <= Self.mostAxes else {
      throw .limit("axes", maximum: Self.mostAxes)
    }
    if inner.isEmpty {
      let rows = try reshape(try ordered(a, batch + left).value, to: Shape(a.extents(axes)))
      let columns = try reshape(try ordered(b, batch + right).value, to: Shape(b.extents(axes)))
      return NamedAxes(value: try binary(.multiply, rows, columns), axes: axes)
    }
    let (first, second) = (Shape(a.extents(inner)), Shape(b.extents(inner)))
    guard let shared = first.broadcast(with: second) else {
      throw .shape(.notBroadcastable(a.value.shape, b.value.shape))
    }
    let depth = try Self.product(shared)
    let rows = try broadcast(
      try ordered(a, batch + left + inner).value,
      to: Shape(a.extents(batch + left) + shared.dimensions))
    let columns = try broadcast(
      try ordered(b, batch + inner + right).value,
      to: Shape(b.extents(batch) + shared.dimensions + b.extents(right)))
    let product = try matrixProduct(
      try reshape(
        rows, to: Shape(a.extents(batch) + [try Self.product(a.extents(left)), depth])),
      try reshape(
        columns, to: Shape(b.extents(batch) + [depth, try Self.product(b.extents(right))])))
    let value = try reshape(
      product, to: Shape(product.shape.dropLast(2) + a.extents(left) + b.extents(right)))
    return NamedAxes(value: value, axes: axes)
  }
}
