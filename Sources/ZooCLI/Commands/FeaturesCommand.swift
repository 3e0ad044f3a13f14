import ArgumentParser
import Foundation
import XRayZoo

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Writes the network's feature vector of each image, for models of your own.",
    discussion: """
      The result is [images, dimension] in float32, in the order given. An image that cannot be \
      read gives a row of NaN in an npy file and an "error" in JSON; the exit code is then 1.

        zoo features --model densenet121-res224-all --format npy -o f.npy *.png
      """)

  @OptionGroup var options: ZooOptions
  @OptionGroup var runOptions: RunOptions
  @Option(
    help: ArgumentHelp("A model's name or alias, a native file or a checkpoint.", valueName: "m"))
  var model = Zoo.demonstrationModel
  @Option(help: "Text or a NumPy array.") var format = FeatureFormat.json
  @Option(
    name: .short,
    help: ArgumentHelp("Where to write it; standard output by default.", valueName: "file"))
  var output: String?
  @Argument(help: "Image files.") var images: [String]

  func validate() throws {
    if images.isEmpty { throw ValidationError("name at least one image") }
    if format == .npy, output == nil, Terminal.showsOutput {
      throw ValidationError("npy is not for a terminal; name a file with -o")
    }
  }

  func run() throws {
    let file = try output.map { try OutputFile($0, inputs: images + [self.model]) }
    let model = try options.zoo(runOptions.execution).load(model)
    let dimension = try model.featureCount()
    var rows = [(path: String, outcome: ImageBatch.Outcome<[Float]>)]()
    let failed = ImageBatch(images).forEach(model.features) { rows.append(($1, $2)) }

    let data: Data
    switch format {
    case .npy:
      let values = rows.flatMap { row in
        (try? row.outcome.get()) ?? Array(repeating: .nan, count: dimension)
      }
      data = NumPyArray.encode(Tensor(shape: [rows.count, dimension], values))
    case .json:
      let lines = rows.map { json($0.path, $0.outcome, model.description.name) }
      data = Data(("[\n  " + lines.joined(separator: ",\n  ") + "\n]\n").utf8)
    }
    if let file {
      try file.write(data)
    } else {
      Terminal.write(data)
    }
    if let notice = model.description.notice { Terminal.note(notice) }
    if failed > 0 { throw ExitCode.failure }
  }

  private func json(
    _ path: String, _ outcome: ImageBatch.Outcome<[Float]>, _ model: String
  ) -> String {
    let head = "{\"image\": \(path.json), \"model\": \(model.json), "
    switch outcome {
    case .success(let features):
      return head + "\"features\": [\(features.map(\.json).joined(separator: ", "))]}"
    case .failure(let failure): return head + "\"error\": \(failure.reason.json)}"
    }
  }
}

/// How features are written.
enum FeatureFormat: String, ExpressibleByArgument, CaseIterable {
  case json
  case npy
}
