/// A linear map from the values of a line to those of a shorter or longer line: each output is a
/// weighted sum of neighbouring inputs.
///
/// Resizing by a separable filter is one such table a direction. What lies beyond the ends of the
/// line and is zero has no entry.
struct ResamplingTable {
  /// The inputs that one output needs: `weights[i]` belongs to input `start + i`.
  struct Taps {
    let start: Int
    let weights: [Float]
  }

  let inputCount: Int
  let outputs: [Taps]

  /// Checks that every output stays inside the line.
  init(inputCount: Int, outputs: [Taps]) {
    precondition(
      outputs.allSatisfy { $0.start >= 0 && $0.start + $0.weights.count <= inputCount })
    self.inputCount = inputCount
    self.outputs = outputs
  }
}
