import ArgumentParser
import XRayZoo

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the published models and whether they are cached.")

  @OptionGroup var options: ZooOptions
  @Option(help: "For people or for programs.") var format = ReportFormat.table

  func run() throws {
    let zoo = options.zoo()
    let entries = try zoo.manifest.entries
    switch format {
    case .json:
      let rows = entries.map { entry in
        JSONValue.object([
          "name": .string(entry.name), "aliases": .array(entry.aliases.map { .string($0) }),
          "cached": .bool(zoo.isCached(entry)),
          "labels": .array(entry.model.labels.names.map { .string($0) }),
          "resolution": .integer(entry.model.input.resolution),
        ])
      }
      Terminal.print(JSONValue.array(rows).text)
    case .table:
      var table = Table("MODEL", "ALIASES", "LABELS", "SIDE", "CACHED")
      for entry in entries {
        table.add(
          entry.name, entry.aliases.joined(separator: ", "), "\(entry.model.labels.names.count)",
          "\(entry.model.input.resolution)",
          entry.source.kind == .embedded ? "built in" : zoo.isCached(entry) ? "yes" : "no")
      }
      table.show()
    }
  }
}
