/// Moves each output's operating point to 0.5, so that "more likely than not" means the same for
/// every label.
///
/// Below its operating point t a probability p becomes p / 2t, from there on 1 - (1 - p) / 2(1 - t).
/// In float32, in the order of operations of torchxrayvision's `op_norm` (`models.py`), so that the
/// results are the same bits.
public struct Calibration: Hashable, Sendable {
  private let thresholds: [Float?]

  /// Takes the operating points of the outputs, each between 0 and 1.
  ///
  /// - Parameter operatingPoints: nil for an output without one.
  public init(operatingPoints: [Double?]) {
    thresholds = operatingPoints.map { point in point.map { Float($0) } }
  }

  /// Calibrates one image's probabilities.
  ///
  /// - Parameter probabilities: one for each operating point, between 0 and 1. NaN stays NaN.
  /// - Returns: values between 0 and 1; exactly 0.5 for an output without operating point, as in
  ///   the reference.
  public func callAsFunction(_ probabilities: [Float]) -> [Float] {
    precondition(probabilities.count == thresholds.count, "one probability for each point")
    return zip(probabilities, thresholds).map { probability, threshold in
      guard let threshold else { return 0.5 }
      return probability < threshold
        ? probability / (threshold * 2) : 1 - (1 - probability) / ((1 - threshold) * 2)
    }
  }
}
