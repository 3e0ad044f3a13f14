import Foundation
import ModelKit

/// What a model says of one image: a number for each of its labels.
///
/// Research software, not a medical device: the numbers are no diagnosis.
public struct Prediction: Sendable, Hashable {
  /// What the numbers are.
  public enum Output: String, Sendable, CaseIterable {
    /// Probabilities moved so that each label's operating point is 0.5 (torchxrayvision's
    /// `op_norm`); exactly 0.5 for labels without one. For a model that has no operating points,
    /// what it gives: probabilities, or a quantity in its unit.
    case calibrated
    /// The logistic function of the logit, or the softmax of all labels where only one can be true.
    case probability
    /// The network's class score.
    case logit
  }

  /// One label's number.
  public struct Score: Sendable, Hashable {
    /// The label, in the publisher's spelling.
    public let label: String
    /// The number.
    public let value: Float
  }

  /// The scores in the model's order; outputs without a label are left out.
  public let scores: [Score]

  /// Turns what the network gives for each label into what was asked for.
  ///
  /// - Parameters:
  ///   - values: a number for each output.
  ///   - model: labels, activation and operating points.
  ///   - output: what the numbers shall be.
  ///   - points: the operating points to calibrate by; the model's own where nil.
  init(
    _ values: [Float], of model: ModelDescription, output: Output, points: [Double?]? = nil
  ) {
    var values = values
    if output != .logit {
      switch model.outputActivation {
      case .none: break
      case .sigmoid: values = values.map { 1 / (1 + exp(-$0)) }
      case .softmax: values = Self.softmax(values, of: model.labels)
      }
      if output == .calibrated, let points = points ?? model.operatingPoints {
        values = Calibration(operatingPoints: points)(values)
      }
    }
    scores = zip(model.labels.outputs, values).compactMap { label, value in
      label.map { Score(label: $0, value: value) }
    }
  }

  /// Outputs without a label take no part.
  private static func softmax(_ values: [Float], of labels: Labels) -> [Float] {
    let labelled = zip(labels.outputs, values).filter { $0.0 != nil }.map(\.1)
    let largest = labelled.max() ?? 0
    let sum = labelled.reduce(0) { $0 + exp($1 - largest) }
    return values.map { exp($0 - largest) / sum }
  }

  /// The number of a label, or nil where the model has no such label.
  public subscript(label: String) -> Float? {
    scores.first { $0.label == label }?.value
  }

  /// The scores, highest first.
  public var ranked: [Score] { scores.sorted { $0.value > $1.value } }
}
