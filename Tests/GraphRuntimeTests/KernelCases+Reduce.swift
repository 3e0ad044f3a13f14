import CKernels

/// All sets of axes, over odd extents.
let reduceCases = [zoo_sum, zoo_mean, zoo_largest].flatMap { function in
  (0..<16).flatMap { axes in
    [[1, 1, 1, 1], [2, 3, 4, 5], [1, 2, 3, 16], [2, 1, 3, 37], [1, 3, 2, 64]].map { extents in
      let isReduced = (0..<4).map { axes >> $0 & 1 == 1 }
      let kept = zip(extents, isReduced).map { $1 ? 1 : $0 }.reduce(1, *)
      let count = extents.reduce(1, *)
      let name = "function \(function.rawValue) axes \(isReduced) of \(extents)"
      var values = Operand.plain("reduce/\(name)", count)
      if function == zoo_largest { values = Operand.wild("reduce/\(name)", count) }
      if extents[3] == 37 { values[count / 2] = axes % 2 == 0 ? .nan : .infinity }
      let image = values
      // Numbers below 1, each addition a rounding of the sum so far.
      let terms = Float(count / kept)
      let most = function == zoo_sum ? terms : 1
      let allowed = function == zoo_largest || terms == 1 ? 0 : (terms + 1) * most * roundingUnit
      return KernelCase(
        "reduce", name, output: kept, allowed: Array(repeating: allowed, count: kept)
      ) { table, out in
        var reduction = zoo_reduction(
          extent: (extents[0], extents[1], extents[2], extents[3]),
          reduced: (isReduced[0], isReduced[1], isReduced[2], isReduced[3]), function: function)
        table.reduce(out, image, &reduction)
      }
    }
  }
}
