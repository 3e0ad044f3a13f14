extension Plane {
  /// Applies one table to the columns and one to the rows.
  func resampled(columns vertical: ResamplingTable, rows horizontal: ResamplingTable) -> Plane {
    // Sums run down the columns, so that neighbouring values are independent and the compiler
    // vectorises them; transposing the small result in between is cheaper than summing along rows.
    mixedRows(by: vertical).transposed().mixedRows(by: horizontal).transposed()
  }

  /// Makes each output row the weighted sum of neighbouring rows.
  private func mixedRows(by table: ResamplingTable) -> Plane {
    precondition(table.inputCount == height)
    return Plane(width: width, height: table.outputs.count) { output in
      output.update(repeating: 0)
      values.withUnsafeBufferPointer { input in
        for (row, taps) in table.outputs.enumerated() {
          let sum = UnsafeMutableBufferPointer(rebasing: output[row * width..<(row + 1) * width])
          var tap = 0
          // Four rows at once spare three of four passes over the sum.
          while tap + 4 <= taps.weights.count {
            let first = (taps.start + tap) * width
            let w = (
              taps.weights[tap], taps.weights[tap + 1], taps.weights[tap + 2],
              taps.weights[tap + 3]
            )
            let a = UnsafeBufferPointer(rebasing: input[first..<first + width])
            let b = UnsafeBufferPointer(rebasing: input[first + width..<first + 2 * width])
            let c = UnsafeBufferPointer(rebasing: input[first + 2 * width..<first + 3 * width])
            let d = UnsafeBufferPointer(rebasing: input[first + 3 * width..<first + 4 * width])
            for x in 0..<width {
              sum[x] += w.0 * a[x] + w.1 * b[x] + w.2 * c[x] + w.3 * d[x]
            }
            tap += 4
          }
          for tap in tap..<taps.weights.count {
            let weight = taps.weights[tap]
            let first = (taps.start + tap) * width
            for x in 0..<width { sum[x] += weight * input[first + x] }
          }
        }
      }
    }
  }

  private func transposed() -> Plane {
    Plane(width: height, height: width) { output in
      values.withUnsafeBufferPointer { input in
        for y in 0..<height {
          for x in 0..<width { output[x * height + y] = input[y * width + x] }
        }
      }
    }
  }
}
