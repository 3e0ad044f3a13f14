import ArgumentParser
import Foundation
import XRayZoo

struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "Writes a mask of each structure on chest X-rays, and a picture of them all.",
    discussion: """
      The folder gets a PNG a structure, white where it is, and overlay.png, the radiograph in \
      the model's resolution with coloured structures and a legend. Of several images each gets a \
      folder of its own in there, named after the file. An image that cannot be read is \
      reported in its place, the others are not lost, and the exit code is 1.

      The cardiothoracic ratio is the width of the heart's mask divided by that of both lungs' \
      together, each in columns of the largest connected part. It is no clinical measurement.

        zoo segment chest.png -o masks
        zoo segment --structures heart,left-lung --size original -o masks *.png
      """)

  @OptionGroup var options: ZooOptions
  @OptionGroup var runOptions: RunOptions
  @Option(
    help: ArgumentHelp("A model's name or alias, a native file or a checkpoint.", valueName: "m"))
  var model = "chestx-det"
  @Option(
    name: .short,
    help: ArgumentHelp("Where the files go; made if missing.", valueName: "folder"))
  var output: String
  @Option(
    help: ArgumentHelp(
      "Which structures, by label or by the name of their file; all by default.",
      valueName: "a,b"))
  var structures: String?
  @Option(
    help: """
      Pixels of masks and places. model: the largest square in the middle of the image as the \
      network sees it; original: the image as it was read.
      """)
  var size = Segmentation.Size.model
  @Option(help: "A table for people or one JSON array.") var format = ReportFormat.table
  @Argument(help: "Image files.") var images: [String]

  func validate() throws {
    if let structures, names(structures).isEmpty {
      throw ValidationError("--structures names no structure")
    }
  }

  private func names(_ list: String) -> [String] {
    list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  func run() throws {
    let folders = try SegmentationFolders(output, images: images, model: model)
    let model = try options.zoo(runOptions.execution).load(model)
    _ = try model.endpoint(.segmentation)
    let structureNames = StructureNames(model.description.labels)
    let wanted = try structures.map { try names($0).map(structureNames.label) }
    let writer = SegmentationWriter(format, of: model.description, size: size)
    writer.begin()
    var next = 0
    let failed = ImageBatch(images).forEach(
      { image in
        try folders.write(
          model.segment(image, structures: wanted), of: model.description, size: size, index: next)
      },
      { index, path, outcome in
        next = index + 1
        writer.write(index, path, outcome)
      })
    writer.end()
    if failed > 0 { throw ExitCode.failure }
  }
}

extension Segmentation.Size: ExpressibleByArgument {}
