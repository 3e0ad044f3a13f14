import ArgumentParser
import XRayZoo

struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Puts a model's weights into the cache, converted and checked.",
    discussion: """
      A file that torchxrayvision has downloaded (~/.torchxrayvision/models_data) is found by \
      itself; any other is named with --from. Downloading is not part of this version.

      The cache is $ZOO_CACHE, else $XDG_CACHE_HOME/xrayzoo, else ~/.cache/xrayzoo.
      """)

  @OptionGroup var options: ZooOptions
  @Argument(help: "Models by name or alias.") var models: [String]
  @Option(
    help: ArgumentHelp("The weight file of the one model that is named.", valueName: "file"))
  var from: String?

  func validate() throws {
    if models.isEmpty { throw ValidationError("name a model; zoo list shows them") }
    if from != nil, models.count > 1 { throw ValidationError("--from is for one model at a time") }
  }

  func run() throws {
    if let from, from.hasPrefix("http://") || from.hasPrefix("https://") {
      throw ZooError.file(
        from, reason: "downloading is not part of this version; fetch it and name the file")
    }
    let zoo = options.zoo()
    for name in models {
      guard let conversion = try zoo.fetch(name, from: from) else {
        Terminal.note("\(name) is cached already")
        continue
      }
      let entry = try zoo.manifest.entry(named: name)
      if let published = entry.source.sha256, published != conversion.sourceDigest {
        Terminal.note(
          "\(from ?? name) is not the published file of \(entry.name) (its SHA-256 differs)")
      }
      Terminal.print(conversion.output.path)
    }
  }
}
