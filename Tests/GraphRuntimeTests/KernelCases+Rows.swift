import CKernels

/// Every operand broadcast along rows, along columns, along both and along none.
let selectRowsCases = lengths.flatMap { columns in
  (0..<64).map { broadcasts in
    let rows = 3
    let name = "\(rows)x\(columns) broadcasts \(broadcasts)"
    let steps = (0..<3).map { operand in
      let (alongRows, alongColumns) = (
        broadcasts >> (2 * operand) & 1 == 1, broadcasts >> (2 * operand) & 2 == 2
      )
      return (
        row: alongRows ? 0 : alongColumns ? 1 : columns, column: alongColumns ? 0 : 1
      )
    }
    let operands = (0..<3).map { Operand.wild("select/\($0)/\(name)", rows * columns) }
    let selection = zoo_selection(
      rows: rows, columns: columns, row_step: (steps[0].row, steps[1].row, steps[2].row),
      column_step: (steps[0].column, steps[1].column, steps[2].column))
    return KernelCase("select_rows", name, output: rows * columns) { table, out in
      var selection = selection
      table.select_rows(out, operands[0], operands[1], operands[2], &selection)
    }
  }
}

/// Steps of an operand and the place of its first element for so many rows and columns, and whether
/// the result is spread.
private func copyForms(
  _ rows: Int, _ columns: Int
) -> [(row: Int, column: Int, start: Int, isSpread: Bool)] {
  [
    (columns, 1, 0, false), (1, rows, 0, false), (1, -rows, rows * (columns - 1), false),
    (-columns, -1, rows * columns - 1, false), (0, 1, 0, false), (1, 0, 0, false),
    (2, 3, 0, false), (columns, 1, 0, true), (1, rows, 0, true),
  ]
}

/// Rows and columns in their order, exchanged, backwards, spread, and standing still.
let copyRowsCases = lengths.flatMap { columns in
  [1, 2, 15, 16, 37].flatMap { rows in
    copyForms(rows, columns).map { row, column, start, isSpread in
      let name = "\(rows)x\(columns) steps \(row) \(column) spread \(isSpread)"
      let source = Operand.wild("copy/\(name)", 2 * rows + 3 * columns + rows * columns)
      let (outRow, outColumn) = isSpread ? (2 * columns + 1, 2) : (columns, 1)
      return KernelCase(
        "copy_rows", name, output: (rows - 1) * outRow + (columns - 1) * outColumn + 1
      ) { table, out in
        var all = zoo_rows(
          rows: rows, columns: columns, in_row: row, in_column: column, out_row: outRow,
          out_column: outColumn)
        source.withUnsafeBufferPointer { source in
          guard let base = source.baseAddress else { return }
          table.copy_rows(out, base + start, &all)
        }
      }
    }
  }
}

private typealias Sizes = (rows: Int, columns: Int, terms: Int)
private let matrixSizes: [Sizes] = [
  (1, 1, 1), (2, 3, 5), (4, 16, 16), (5, 17, 15), (13, 33, 31), (14, 47, 48), (15, 49, 101),
  (29, 64, 33), (100, 5, 17),
]
private let matrixForms: [(gap: Int, adds: Bool, poison: Float?)] = [
  (0, false, nil), (3, true, nil), (0, true, .nan), (2, false, .infinity),
]

/// Rows with and without gaps, written and added to.
let multiplyMatricesCases = matrixSizes.flatMap { sizes in
  matrixForms.map { multiplyMatricesCase(sizes, gap: $0.gap, adds: $0.adds, poison: $0.poison) }
}

private func multiplyMatricesCase(
  _ sizes: Sizes, gap: Int, adds: Bool, poison: Float?
) -> KernelCase {
  let (rows, columns, terms) = sizes
  let (aRow, outRow) = (terms + gap, columns + gap)
  let name = "\(rows)x\(columns)x\(terms) gap \(gap) adds \(adds)"
  let a = Operand.plain("matrices/a/\(name)", rows * aRow)
  var values = Operand.plain("matrices/b/\(name)", terms * columns)
  if let poison { values[terms / 2 * columns + columns / 2] = poison }
  let b = values
  let before = Operand.plain("matrices/out/\(name)", rows * outRow)
  let allowed = before.indices.map { index -> Float in
    let (row, column) = (index / outRow, index % outRow)
    // Behind the last column nothing may change.
    guard column < columns else { return 0 }
    var size = abs(before[index])
    for term in 0..<terms { size += abs(a[row * aRow + term] * b[term * columns + column]) }
    return size * Float(terms + 2) * roundingUnit
  }
  return KernelCase(
    "multiply_matrices", name, output: rows * outRow, before: before, allowed: allowed
  ) { table, out in
    let blocks = zoo_blocks(columns)
    var packed = [Float](repeating: .nan, count: blocks * zoo_panel(terms))
    zoo_pack_matrix(&packed, b, columns, terms, columns, zoo_range(first: 0, count: blocks))
    var product = zoo_matrix_product(
      rows: rows, columns: columns, terms: terms, a_row: aRow, out_row: outRow, adds: adds)
    var scratch = [UInt8](repeating: 0xff, count: zoo_matrix_scratch(terms))
    table.multiply_matrices(out, a, packed, &product, &scratch)
  }
}
