import ArgumentParser
import XRayZoo

struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Shows one model whole: labels, operating points, input, source, licence.")

  @OptionGroup var options: ZooOptions
  @Argument(help: "A model's name or alias; zoo list shows them.") var model: String
  @Option(help: "For people or for programs.") var format = ReportFormat.table

  func run() throws {
    let zoo = options.zoo()
    let entry = try zoo.manifest.entry(named: model)
    if format == .json {
      guard case .object(var members) = entry.json else { return }
      members["cached"] = .bool(zoo.isCached(entry))
      Terminal.print(JSONValue.object(members).text)
      return
    }
    let model = entry.model
    var table = Table("model", entry.name)
    if !entry.aliases.isEmpty { table.add("aliases", entry.aliases.joined(separator: ", ")) }
    let configuration = entry.architecture.configuration?.text ?? "(its weights say the rest)"
    table.add("network", "\(entry.architecture.id) \(configuration)")
    table.add(
      "input",
      "\(model.input.resolution)×\(model.input.resolution), values from -1024 to 1024")
    if model.input.scaling != .none {
      table.add("scaling", "\(model.input.scaling), inside the network")
    }
    if let unit = model.unit { table.add("gives", unit) }
    table.add("weights", entry.source.url ?? entry.source.kind.rawValue)
    if let digest = entry.source.sha256 { table.add("SHA-256", digest) }
    table.add("cached", zoo.isCached(entry) ? "yes" : "no")
    table.add("intended use", model.intendedUse)
    table.add("licence", model.licence)
    for citation in model.citations { table.add("citation", citation) }
    if let homepage = model.homepage { table.add("homepage", homepage) }
    if let notice = model.notice { table.add("notice", notice) }
    table.show()

    if model.labels.count > 0 {
      Terminal.print("")
      labels(model).show()
    }
  }

  /// A line an output: label and operating points.
  private func labels(_ model: ModelDescription) -> Table {
    let others = model.otherOperatingPoints.sorted { $0.key < $1.key }
    var table = Table(
      cells: ["OUTPUT", "LABEL", "OPERATING POINT"] + others.map { $0.key.uppercased() })
    for (index, label) in model.labels.outputs.enumerated() {
      let points = [model.operatingPoints] + others.map(\.value)
      table.add(
        // Points are float32, whose own digits are the ones that people know.
        cells: ["\(index)", label ?? "(not trained)"]
          + points.map { $0?[index].map { "\(Float($0))" } ?? "none" })
    }
    return table
  }
}
