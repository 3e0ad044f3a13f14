import DenseNetPlugin
import GraphIR
import ModelKit

/// The ensemble of the CheXpert paper (Irvin et al., "CheXpert: A Large Chest Radiograph Dataset with
/// Uncertainty Labels and Expert Comparison", AAAI 2019), as `torchxrayvision.baseline_models.chexpert`
/// has it: three groups of DenseNets, each trained with another treatment of uncertain labels, and
/// for every finding the mean probability over the group that is best at it.
///
/// See README.md beside this file.
public enum CheXpert: Architecture {
  /// The name in manifests and native files.
  public static let id = "chexpert"

  /// What the network gives.
  public static let endpoints = [
    Endpoint(
      Endpoint.probabilitiesName,
      "Atelectasis, Cardiomegaly, Consolidation, Edema, Effusion, between 0 and 1, [batch, 5]",
      .prediction),
    Endpoint(
      "features",
      "every member's pooled feature vector, group after group, [batch, 3 * members * 1024]"),
  ]

  /// What the published networks are trained at.
  public static let defaultResolution = 320

  /// How many channels the first convolutions take.
  public static func inputChannels(_ configuration: Configuration) -> Int {
    configuration.inputChannels
  }

  /// Upstream's `x / 512`.
  public static func scaling(_ configuration: Configuration) -> InputScaling { .twoUnits }

  /// The first members of each group, in the order of upstream's `num_models`.
  public static func ensemble(
    of members: Int, from configuration: Configuration
  ) throws(ConfigurationError) -> Configuration? {
    guard members >= 1, members <= configuration.members else {
      throw ConfigurationError(
        field: "members", found: members, expected: "from 1 to \(configuration.members)")
    }
    var smaller = configuration
    smaller.members = members
    return smaller
  }

  /// Adds the networks one behind the other, so that they can share memory.
  ///
  /// - Throws: `ConfigurationError` where a member is out of range.
  public static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    try configuration.validate()
    var features = [Graph.Value]()
    var probabilities = [Graph.Value]()
    for group in Group.allCases {
      for member in 0..<configuration.members {
        let name = group.prefix(of: member)
        let (map, channels) = try DenseNet.backbone(
          configuration.backbone, prefix: name, on: image, in: &builder)
        let activated = builder.unary(.relu, map, label: name + "relu")
        let vector = builder.spatialMean(activated, label: name + "pool")
        let logits = builder.linear(
          name + "classifier", vector, from: channels, to: group.findings.count * group.width)
        features.append(vector)
        probabilities.append(
          group.probabilities(of: logits, label: name + "probabilities", in: &builder))
      }
    }
    builder.endpoint("features", builder.concatenation(features, label: "features"))
    let all = builder.concatenation(probabilities, label: "members")
    builder.endpoint(
      Endpoint.probabilitiesName,
      means(of: all, members: configuration.members, in: &builder))
  }

  /// The mean over the members of each finding's group, one matrix product.
  private static func means(
    of probabilities: Graph.Value, members: Int, in builder: inout GraphBuilder
  ) -> Graph.Value {
    let findings = Group.allCases.flatMap { group in
      Array(repeating: group.findings, count: members).joined()
    }
    let part = 1 / Float(members)
    let weights = Finding.allCases.flatMap { finding in
      findings.map { $0 == finding ? part : 0 }
    }
    return builder.product(
      probabilities, weights, [Finding.allCases.count, findings.count], label: "probabilities")
  }
}

extension CheXpert.Group {
  /// A member's probabilities of the group's findings.
  fileprivate func probabilities(
    of logits: Graph.Value, label: String, in builder: inout GraphBuilder
  ) -> Graph.Value {
    guard width == 3 else { return builder.unary(.sigmoid, logits, label: label) }
    // Upstream's softmax over "no" and "yes" alone, of which it takes the second, is the sigmoid of
    // their difference; "uncertain" plays no part.
    let columns = findings.count * width
    let weights = findings.indices.flatMap { finding in
      (0..<columns).map { column -> Float in
        switch column - finding * width {
        case 1: -1
        case 2: 1
        default: 0
        }
      }
    }
    let odds = builder.product(
      logits, weights, [findings.count, columns], label: label + ".odds")
    return builder.unary(.sigmoid, odds, label: label)
  }
}

extension GraphBuilder {
  /// Rows times a matrix of known numbers, `[outputs, inputs]`.
  fileprivate mutating func product(
    _ rows: Graph.Value, _ weights: [Float], _ shape: Shape, label: String
  ) -> Graph.Value {
    linear(
      rows, weight: constant(Tensor(shape: shape, weights), label: label + ".weight"),
      bias: constant(
        Tensor(shape: [shape[0]], Array(repeating: 0, count: shape[0])), label: label + ".bias"),
      label: label)
  }
}
