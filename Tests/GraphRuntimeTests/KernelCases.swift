import CKernels

/// Every case, in the order of the list of kernels.
let kernelCases: [KernelCase] =
  channelAffineCases + addBiasCases + unaryCases + binaryCases + poolCases + planeMeanCases
  + im2colCases + gemmCases + linearCases + reduceCases + resizeCases
  + transposedPlanarCases + selectRowsCases + copyRowsCases + multiplyMatricesCases

/// Lengths around the width of a vector and its multiples, and primes.
let lengths = [1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 101]

private let channelAffineCases = [1, 3].flatMap { channels in
  lengths.flatMap { plane in
    [false, true].map { relu in
      let name = "\(channels)x\(plane) relu \(relu)"
      let image = Operand.wild("affine/image/\(name)", channels * plane)
      let scale = Operand.plain("affine/scale/\(name)", channels)
      let shift = Operand.plain("affine/shift/\(name)", channels)
      // One rounding more or less, depending on whether the product is rounded.
      let allowed = image.indices.map { index in
        2 * roundingUnit
          * (abs(image[index] * scale[index / plane]) + abs(shift[index / plane]))
      }
      return KernelCase("channel_affine", name, output: image.count, allowed: allowed) {
        table, out in
        table.channel_affine(out, image, scale, shift, channels, plane, relu)
      }
    }
  }
}

private let addBiasCases = lengths.flatMap { columns in
  [0, 5].flatMap { gap in
    [(false, true), (true, true), (true, false), (false, false)].map { hasBias, relu in
      let (rows, stride) = (3, columns + gap)
      let name = "\(columns) of \(stride) bias \(hasBias) relu \(relu)"
      let bias = Operand.wild("bias/\(name)", rows)
      // The gaps between rows must survive, hence they count as output.
      return KernelCase(
        "add_bias", name, output: rows * stride,
        before: Operand.wild("bias/matrix/\(name)", rows * stride)
      ) { table, out in
        if hasBias {
          table.add_bias(out, bias, rows, columns, stride, relu)
        } else {
          table.add_bias(out, nil, rows, columns, stride, relu)
        }
      }
    }
  }
}

private let binaryCases = binaryFunctions.flatMap { function in
  lengths.flatMap { width in
    // Extents of the result and of both operands; 1 is broadcast.
    [
      ([2, 3, 2, width], [2, 3, 2, width], [2, 3, 2, width]),
      ([1, 3, 2, width], [1, 3, 2, width], [1, 3, 1, 1]),
      ([1, 3, 2, width], [1, 1, 2, width], [1, 3, 2, width]),
      ([2, 1, 5, width], [2, 1, 1, width], [1, 1, 5, 1]),
      ([1, 1, 3, width], [1, 1, 3, 1], [1, 1, 1, width]),
      ([2, 2, 2, width], [2, 2, 2, width], [1, 1, 1, 1]),
      ([1, 1, 2, width], [1, 1, 1, 1], [1, 1, 2, width]),
    ].map { extents, aExtents, bExtents in
      let name = "\(function.rawValue) \(aExtents) \(bExtents)"
      let a = Operand.wild("binary/a/\(name)", aExtents.reduce(1, *))
      let b = Operand.wild("binary/b/\(name)", bExtents.reduce(1, *))
      let grid = zoo_grid(extents, aExtents, bExtents)
      return KernelCase("binary", name, output: extents.reduce(1, *)) { table, out in
        var grid = grid
        table.binary(out, a, b, &grid, function)
      }
    }
  }
}

/// What is put into the middle of an operand whose numbers are summed.
let poisons: [Float?] = [nil, .nan, .infinity, -.infinity]

private let planeMeanCases = lengths.flatMap { plane in
  poisons.map { poison in
    var values = Operand.plain("mean/\(plane)", 3 * plane)
    if let poison { values[plane + plane / 2] = poison }
    let image = values
    let allowed = means(of: image, run: plane).map { $0 * roundingUnit * Float(plane + 1) }
    let name = "\(plane) \(poison.map { "\($0)" } ?? "")"
    return KernelCase("plane_mean", name, output: 3, allowed: allowed) { table, out in
      table.plane_mean(out, image, 3, plane)
    }
  }
}

private let gemmCases = [
  (1, 1, 1), (2, 3, 5), (4, 16, 16), (5, 17, 15), (3, 33, 31), (7, 47, 48), (2, 49, 101), (3, 5, 0),
].flatMap { m, n, k in
  [(0, nil), (3, nil), (2, Float.nan), (1, .infinity)].map { (gap: Int, poison: Float?) in
    let (lda, ldb, ldc) = (k + gap, n + gap, n + gap)
    let name = "\(m)x\(n)x\(k) gap \(gap)"
    let a = Operand.plain("gemm/a/\(name)", max(1, m * lda))
    var values = Operand.plain("gemm/b/\(name)", max(1, k * ldb))
    if let poison, k > 0 { values[k / 2 * ldb + n / 2] = poison }
    let b = values
    // The error of a sum in any order is at most its terms times that of one rounding.
    let allowed = (0..<m * ldc).map { index in
      let (row, column) = (index / ldc, index % ldc)
      guard column < n else { return Float(0) }
      let size = (0..<k).reduce(Float(0)) { $0 + abs(a[row * lda + $1] * b[$1 * ldb + column]) }
      return size * Float(k + 1) * roundingUnit
    }
    return KernelCase("gemm", name, output: m * ldc, allowed: allowed) { table, out in
      table.gemm(out, ldc, a, lda, b, ldb, m, n, k)
    }
  }
}

private let linearCases = lengths.flatMap { inputs in
  poisons.map { poison in
    let outputs = 5
    var values = Operand.plain("linear/features/\(inputs)", inputs)
    if let poison { values[inputs / 2] = poison }
    let features = values
    let weight = Operand.plain("linear/weight/\(inputs)", inputs * outputs)
    let bias = Operand.plain("linear/bias/\(inputs)", outputs)
    let products = weight.indices.map { weight[$0] * features[$0 % inputs] }
    let allowed = zip(means(of: products, run: inputs), bias).map { mean, bias in
      (mean * Float(inputs) + abs(bias)) * Float(inputs + 1) * roundingUnit
    }
    let name = "\(inputs) \(poison.map { "\($0)" } ?? "")"
    return KernelCase("linear", name, output: outputs, allowed: allowed) { table, out in
      table.linear(out, features, weight, bias, outputs, inputs)
    }
  }
}

/// The mean magnitude of each run of numbers.
func means(of values: [Float], run: Int) -> [Float] {
  stride(from: 0, to: values.count, by: run).map { start in
    values[start..<start + run].reduce(Float(0)) { $0 + abs($1) } / Float(run)
  }
}

extension zoo_grid {
  init(_ extents: [Int], _ a: [Int], _ b: [Int]) {
    func steps(_ operand: [Int]) -> (Int, Int, Int, Int) {
      var result = [0, 0, 0, 0]
      var step = 1
      for axis in (0..<4).reversed() {
        if operand[axis] != 1 { result[axis] = step }
        step *= operand[axis]
      }
      return (result[0], result[1], result[2], result[3])
    }
    self.init(
      extent: (extents[0], extents[1], extents[2], extents[3]), a_step: steps(a), b_step: steps(b))
  }
}
