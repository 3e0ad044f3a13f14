import GraphIR

/// Products of matrices.
enum MatrixProductOps {
  static let table: [String: ONNXHandler] = [
    "Gemm": gemm,
    "MatMul": product,
  ]

  /// `alpha A B + beta C`, with A and B transposed where asked, and C broadcast to the result.
  @Sendable private static func gemm(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    var (a, b) = (try importer.real(call, 0), try importer.real(call, 1))
    for (index, value) in [a, b].enumerated() where value.rank != 2 {
      throw .operandShape(index, found: value.shape, needed: "a matrix")
    }
    let alpha = try call.float("alpha", default: 1)
    let beta = try call.float("beta", default: 1)
    if try call.int("transA", default: 0) != 0 { a = try importer.transpose(a, [1, 0]) }
    if try call.int("transB", default: 0) != 0 { b = try importer.transpose(b, [1, 0]) }
    guard a.shape[1] == b.shape[0] else { throw .shape(.matrixProduct(a.shape, b.shape)) }
    let shape: Shape = [a.shape[0], b.shape[1]]
    guard call.optional(2) != nil else {
      return [try linear(&importer, a, try importer.scaled(b, by: alpha))]
    }
    let added = try importer.scaled(try importer.real(call, 2), by: beta)
    guard added.shape.broadcast(with: shape) == shape else {
      throw .shape(.notBroadcastable(added.shape, shape))
    }
    if b.isFixed {
      b = try importer.scaled(b, by: alpha)
      // The same for every row.
      let isBias = added.rank < 2 || added.shape[0] == 1
      if added.isFixed, isBias {
        let bias = try importer.reshape(added, to: [added.shape.elementCount])
        return [
          try linear(&importer, a, b, bias: try importer.broadcast(bias, to: [shape[1]]))
        ]
      }
      return [try importer.binary(.add, try linear(&importer, a, b), added)]
    }
    let product = try importer.scaled(try importer.matrixProduct(a, b), by: alpha)
    return [try importer.binary(.add, product, added)]
  }

  /// `numpy.matmul`: a vector counts as a row on the left, a column on the right, and the axis that
  /// it got is taken away again.
  @Sendable private static func product(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let (a, b) = (try importer.real(call, 0), try importer.real(call, 1))
    for (index, value) in [a, b].enumerated() where value.rank == 0 {
      throw .operandShape(index, found: value.shape, needed: "a vector or matrices")
    }
    let rows = a.rank == 1 ? try importer.reshape(a, to: [1, a.shape[0]]) : a
    let columns = b.rank == 1 ? try importer.reshape(b, to: [b.shape[0], 1]) : b
    let product = try linear(&importer, rows, columns)
    var extents = product.shape.dimensions
    if b.rank == 1 { extents.removeLast() }
    if a.rank == 1 { extents.remove(at: extents.count - (b.rank == 1 ? 1 : 2)) }
    return [try importer.reshape(product, to: Shape(extents))]
  }

  /// A product whose second matrix is a layer's weight where that is fixed, so that it is packed
  /// when the network is compiled.
  private static func linear(
    _ importer: inout ONNXImporter, _ a: ImportedValue, _ b: ImportedValue,
    bias: ImportedValue? = nil
  ) throws(ONNXProblem) -> ImportedValue {
    guard a.rank == 2, b.rank == 2, b.isFixed, !a.isFixed, a.shape[1] == b.shape[0],
      a.shape.elementCount > 0, b.shape.elementCount > 0
    else {
      let product = try importer.matrixProduct(a, b)
      return try bias.map { bias throws(ONNXProblem) in
        try importer.binary(.add, product, bias)
      } ?? product
    }
    let weight = try importer.transpose(b, [1, 0])
    let zeros = try importer.broadcast(importer.scalar(0), to: [b.shape[1]])
    return try importer.emit([a, weight, bias ?? zeros]) {
      $0.linear($1[0], weight: $1[1], bias: $1[2], label: $2)
    }
  }
}
