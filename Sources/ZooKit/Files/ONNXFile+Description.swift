import Converter
import GraphIR
import ModelKit

extension Zoo {
  /// What stands under every result that people read.
  public static let disclaimer =
    "Research software, not a medical device: not for diagnosis or any clinical decision."
}

extension ONNXFile.Description {
  /// What an exported model says of itself.
  init(_ model: Model) {
    let description = model.description
    self.init(
      name: description.name, documentation: Self.documentation(model),
      metadata: Self.metadata(model))
  }

  /// How to prepare the input and what to make of the outputs, for people.
  private static func documentation(_ model: Model) -> String {
    let description = model.description
    let (input, side) = (description.input, description.input.resolution)
    let (black, white) = (input.range.lowerBound.plain, input.range.upperBound.plain)
    let outputs = model.endpoints.map { "- \($0.name): \($0.summary)" }.joined(separator: "\n")
    var text = """
      \(description.name), exported by XRayZoo. \(Zoo.disclaimer)

      Input \(Model.inputName): float32 [batch, 1, height, width], one grey channel, values from \
      \(black) (black) to \(white) (white). From an 8-bit image: (2 * pixel / 255 - 1) * \(white). \
      Crop the middle square, resize it to \(side)x\(side), scale nothing else: what the network \
      needs beyond that is in the graph.

      Outputs that there are:
      \(outputs)
      """
    switch description.outputActivation {
    case .sigmoid:
      let scores = model.endpoints.first { $0.kind != .values }?.name ?? Endpoint.logitsName
      text += """


        Probabilities are sigmoid(\(scores)); metadata_props names each in `labels`, null for \
        outputs that were never trained.
        """
    case .softmax:
      text += """


        One label alone is true: probabilities are softmax(logits) over the outputs that have a name \
        in `labels` of metadata_props.
        """
    case .none:
      if let unit = description.unit {
        text += "\n\n\(description.labels.names.joined(separator: ", ")): in \(unit)."
      }
    }
    if description.operatingPoints != nil {
      text += """
         Calibrated as torchxrayvision does it, with the operating point t of an output from \
        `operating_points`: p / (2 t) where p < t, else 1 - (1 - p) / (2 (1 - t)).
        """
    }
    return text
  }

  /// The same facts for programs; lists are JSON.
  private static func metadata(_ model: Model) -> [(key: String, value: String)] {
    let description = model.description
    guard case .object(let members) = description.json else { return [] }
    // Under the names of the manifest's members, in this order.
    let keys = [
      ("model", "name"), ("labels", "labels"), ("operating_points", "operatingPoints"),
      ("other_operating_points", "otherOperatingPoints"),
      ("output_activation", "outputActivation"), ("unit", "unit"), ("input", "input"),
      ("intended_use", "intendedUse"), ("licence", "licence"), ("citations", "citations"),
      ("homepage", "homepage"), ("notice", "notice"),
    ]
    var entries = keys.compactMap { key, member in
      members[member].map { value in
        if case .string(let text) = value { (key: key, value: text) } else { (key, value.text) }
      }
    }
    let architecture = JSONValue.object([
      "id": .string(model.architecture), "configuration": model.configuration,
    ])
    entries.append(("architecture", architecture.text))
    entries.append(("disclaimer", Zoo.disclaimer))
    return entries
  }
}
