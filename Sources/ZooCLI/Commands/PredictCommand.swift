import ArgumentParser
import XRayZoo

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Says how likely each finding is on chest X-rays.",
    discussion: """
      Images are PNG or JPEG; the largest square in the middle is taken and resized as \
      torchxrayvision does. An image that cannot be read is reported in its place, the others \
      are not lost, and the exit code is 1.

        zoo predict chest.png
        zoo predict --model densenet121-res224-all --format csv *.png
        zoo predict --output logit --format json chest.png
        zoo predict --model all --operating-point ppv80 chest.png
      """)

  @OptionGroup var options: ZooOptions
  @OptionGroup var runOptions: RunOptions
  @Option(
    help: ArgumentHelp("A model's name or alias, a native file or a checkpoint.", valueName: "m"))
  var model = Zoo.demonstrationModel
  @Option(
    help: """
      calibrated: 0.5 is each label's operating point, as torchxrayvision gives; probability: \
      the sigmoid or softmax alone; logit: the network's own score. Calibrated where the model has \
      operating points, else probability, or a quantity in its unit.
      """)
  var output: Prediction.Output?
  @Option(
    help: ArgumentHelp(
      "Calibrate by other operating points, such as ppv80; zoo info shows which there are.",
      valueName: "name"))
  var operatingPoint: String?
  @Option(help: "A table for people, one JSON array, a JSON line an image, or CSV.")
  var format = PredictionFormat.table
  @Argument(help: "Image files.") var images: [String]

  func validate() throws {
    if images.isEmpty { throw ValidationError("name at least one image") }
    if operatingPoint != nil, let output, output != .calibrated {
      throw ValidationError("--operating-point calibrates; leave --output \(output.rawValue) out")
    }
  }

  func run() throws {
    let model = try options.zoo(runOptions.execution).load(model)
    let description = model.description
    try model.checkPrediction(output ?? .calibrated, operatingPoint: operatingPoint)
    if output == .calibrated, description.operatingPoints == nil {
      let given = description.unit ?? "plain probabilities"
      Terminal.note("\(description.name) has no operating points: these are \(given)")
    }
    let output = output ?? .calibrated
    let writer = PredictionWriter(
      format, of: description, output: output, operatingPoint: operatingPoint)
    writer.begin()
    let batch = ImageBatch(images)
    let failed = batch.forEach(
      { try model.predict($0, output: output, operatingPoint: operatingPoint) }, writer.write)
    writer.end()
    if failed > 0 { throw ExitCode.failure }
  }
}

/// How predictions are printed.
enum PredictionFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case json
  case jsonl
  case csv
}
