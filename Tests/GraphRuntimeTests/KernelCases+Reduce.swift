import CKernels

let reductionFunctions = [zoo_sum, zoo_mean, zoo_largest, zoo_smallest, zoo_product]

private let reducedExtents: [[Int]] = [
  [1, 1, 1, 1], [2, 3, 4, 5], [1, 2, 3, 16], [2, 1, 3, 37], [1, 3, 2, 64], [2, 0, 3, 17],
  [3, 2, 2, 0],
]

/// All sets of axes, over odd and over empty extents.
let reduceCases = reductionFunctions.flatMap { function in
  (0..<16).flatMap { axes in
    reducedExtents.compactMap { extents in
      reduceCase(function, (0..<4).map { axes >> $0 & 1 == 1 }, extents)
    }
  }
}

private func reduceCase(
  _ function: zoo_reduction_function, _ isReduced: [Bool], _ extents: [Int]
) -> KernelCase? {
  let kept = zip(extents, isReduced).map { $1 ? 1 : $0 }.reduce(1, *)
  // Nothing is written where an axis that stays is empty.
  guard kept > 0 else { return nil }
  let count = extents.reduce(1, *)
  let name = "function \(function.rawValue) axes \(isReduced) of \(extents)"
  var values = function.operand("reduce/\(name)", count)
  if extents[3] == 37 { values[count / 2] = isReduced[0] ? .infinity : .nan }
  let image = values
  let allowed = Float(function.allowedError(terms: count / kept))
  return KernelCase(
    "reduce", name, output: kept, allowed: Array(repeating: allowed, count: kept)
  ) { table, out in
    var reduction = zoo_reduction(
      extent: (extents[0], extents[1], extents[2], extents[3]),
      reduced: (isReduced[0], isReduced[1], isReduced[2], isReduced[3]), function: function)
    table.reduce(out, image, &reduction)
  }
}

extension zoo_reduction_function {
  var isExtremum: Bool { self == zoo_largest || self == zoo_smallest }

  /// Numbers to reduce: any for extrema, below 1 for sums, about 1 for products, which must neither
  /// overflow nor vanish.
  func operand(_ stream: String, _ count: Int) -> [Float] {
    if isExtremum { return Operand.wild(stream, count) }
    return self == zoo_product
      ? nearOne(Operand.plain(stream, count)) : Operand.plain(stream, count)
  }

  func nearOne(_ values: [Float]) -> [Float] { values.map { 1 + $0 / 16 } }

  /// What the order of so many numbers may change: each operation is a rounding of what there is so
  /// far.
  func allowedError(terms: Int) -> Double {
    guard !isExtremum, terms > 1 else { return 0 }
    var most = self == zoo_sum ? Double(terms) : 1
    if self == zoo_product { for _ in 0..<terms { most *= 17 / 16 } }
    return Double(terms + 1) * most * Double(roundingUnit)
  }
}
