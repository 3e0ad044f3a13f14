import GraphIR

extension [Endpoint] {
  /// What `GraphBuilder.segmentation` names: a network's maps for labels, as logits, as probabilities
  /// and decided.
  public static var segmentation: [Endpoint] {
    [
      Endpoint(
        "segmentation", "logit of each label at each pixel, [batch, labels, height, width]",
        .segmentation),
      Endpoint(
        "probabilities", "their logistic function, [batch, labels, height, width]"),
      Endpoint(
        "masks",
        "1 where a label's probability is above 0.5, else 0, [batch, labels, height, width]"
      ),
    ]
  }
}

extension GraphBuilder {
  /// Names the endpoints of a segmentation network whose labels do not exclude each other.
  ///
  /// - Parameter logits: `[batch, labels, height, width]`.
  public mutating func segmentation(_ logits: Graph.Value) {
    endpoint("segmentation", logits)
    endpoint("probabilities", unary(.sigmoid, logits, label: "probabilities"))
    // The logistic function is above a half above 0: masks alone need no exponentials.
    let zero = constant(0, label: "threshold")
    endpoint("masks", binary(.less, zero, logits, label: "masks"))
  }
}
