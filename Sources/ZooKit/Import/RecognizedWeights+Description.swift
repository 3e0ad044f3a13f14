import Foundation
import GraphIR
import ModelKit

extension RecognizedWeights {
  /// What can be said of a model that is in no manifest: outputs are numbered, nothing is claimed.
  ///
  /// - Parameter file: the model is named after it, and its operating points are taken.
  /// - Returns: the description, at the architecture's own resolution.
  /// - Throws: an error that names the file.
  func description(of file: ForeignFile) throws -> ModelDescription {
    let graph = try architecture.graph(configuration)
    let channels = try architecture.inputChannels(configuration)
    let side = architecture.defaultResolution
    let shapes = try graph.shapes(inputs: ["image": [1, channels, side, side]])
    let labelled = architecture.labelled
    let shape = labelled.flatMap { graph.endpoints[$0.name] }.map { shapes[$0.index] }
    let outputs = shape.map { $0.count > 1 ? $0[1] : 0 } ?? 0
    // The only numbers for labels that are no logits are those that went through an activation.
    let givesLogits = labelled?.kind == .segmentation || labelled?.name == Endpoint.logitsName
    // A quantity whose unit nobody says is called what the network calls it, and no probability.
    let isQuantity =
      labelled.map { $0.kind == .prediction && $0.name != Endpoint.probabilitiesName } ?? false
    let unit = isQuantity && !givesLogits ? labelled?.name : nil
    // The file's operating points may be impossible, or of another number than the outputs.
    let points = operatingPoints.flatMap { index in
      let all = file.tensors[index]
      return all.elements(0..<min(all.shape.elementCount, Self.mostPoints)).floats()
    }
    return try locating(file.path) {
      try ModelDescription(
        name: file.modelName,
        labels: Labels((0..<outputs).map { "output \($0)" }),
        operatingPoints: points?.map { $0.isNaN ? nil : Double($0) },
        input: InputSpecification(
          resolution: side, channels: channels, scaling: architecture.scaling(configuration)),
        outputActivation: givesLogits ? .sigmoid : .none, unit: unit, licence: "not stated",
        intendedUse: "not stated")
    }
  }

  /// More than any network has outputs; a hostile file may have billions.
  private static let mostPoints = 1 << 17
}

extension ForeignFile {
  /// The file's name without folders and extension, in the characters that model names may have.
  var modelName: String {
    let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let allowed = stem.lowercased().map { character in
      character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
        ? character : "-"
    }
    let name = String(allowed.drop { ".-".contains($0) }.prefix(100))
    return name.isEmpty ? "model" : name
  }
}
