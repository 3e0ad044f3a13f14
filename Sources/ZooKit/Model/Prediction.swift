import Foundation
import ModelKit

/// What a model says of one image: a number for each of its labels.
///
/// Research software, not a medical device: the numbers are no diagnosis.
public struct Prediction: Sendable, Hashable {
  /// What the numbers are.
  public enum Output: String, Sendable, CaseIterable {
    /// Probabilities moved so that each label's operating point is 0.5 (torchxrayvision's
    /// `op_norm`); exactly 0.5 for labels without one. Plain probabilities for a model that has
    /// no operating points at all.
    case calibrated
    /// The logistic function of the logit.
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

  /// Turns class scores into what was asked for.
  init(_ logits: [Float], of model: ModelDescription, output: Output) {
    var values = logits
    if output != .logit, model.outputActivation == .sigmoid {
      values = logits.map { 1 / (1 + exp(-$0)) }
      if output == .calibrated, let points = model.operatingPoints {
        values = Calibration(operatingPoints: points)(values)
      }
    }
    scores = zip(model.labels.outputs, values).compactMap { label, value in
      label.map { Score(label: $0, value: value) }
    }
  }

  /// The number of a label, or nil where the model has no such label.
  public subscript(label: String) -> Float? {
    scores.first { $0.label == label }?.value
  }

  /// The scores, highest first.
  public var ranked: [Score] { scores.sorted { $0.value > $1.value } }
}
