import ArgumentParser
import XRayZoo

struct ReconstructCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract: "Has an autoencoder make a chest X-ray again of what it keeps of it.",
    discussion: """
      The image is cropped and resized to the model's resolution, and what the network makes of it \
      is written as a grey PNG: black is -1024, white 1024. The error is the mean absolute \
      difference of all pixels from the resized image on that scale, where 0 is the image itself.

        zoo reconstruct chest.png -o again.png
        zoo reconstruct --model cxr2-vqgan-768-sd --format json chest.png -o again.png
      """)

  @OptionGroup var options: ZooOptions
  @OptionGroup var runOptions: RunOptions
  @Option(
    help: ArgumentHelp("A model's name or alias, a native file or a checkpoint.", valueName: "m"))
  var model = "resnetae-101-elastic"
  @Option(name: .short, help: ArgumentHelp("The PNG file to write.", valueName: "file"))
  var output: String
  @Option(help: "For people or for programs.") var format = ReportFormat.table
  @Argument(help: "An image file.") var image: String

  func run() throws {
    let file = try OutputFile(output, inputs: [image, self.model])
    let model = try options.zoo(runOptions.execution).load(model)
    try model.require(Endpoint.reconstructionName)
    let reconstruction = try model.reconstruct(XRayImage(path: image))
    try file.write(reconstruction.png())
    let (name, notice) = (model.description.name, model.description.notice)
    switch format {
    case .json:
      Terminal.print(
        JSONValue.object([
          "image": .string(image), "model": .string(name), "output": .string(output),
          "side": .integer(reconstruction.side),
          "meanAbsoluteError": .number(reconstruction.meanAbsoluteError),
        ]).text)
    case .table:
      var table = Table("image", image.printable)
      table.add("model", name)
      table.add("reconstruction", output.printable)
      table.add("size", "\(reconstruction.side)×\(reconstruction.side)")
      table.add(
        "error",
        "\(reconstruction.meanAbsoluteError.fixed(1)) of 2048, mean absolute difference")
      table.show()
      if let notice { Terminal.print(notice) }
      Terminal.print(disclaimer)
    }
  }
}
