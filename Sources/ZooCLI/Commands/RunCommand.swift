import ArgumentParser
import Foundation
import XRayZoo

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a network on arrays: raw tensors in, raw tensors out.",
    discussion: """
      Arrays are NumPy's .npy files: [batch, channels, height, width], values from -1024 to 1024 \
      for X-ray models. Nothing is scaled, and nothing is resized unless --fix-resolution says so.

        zoo run all --input x.npy --outputs logits,features --output-dir out
      """)

  @OptionGroup var options: ZooOptions
  @OptionGroup var runOptions: RunOptions
  @Argument(help: "A model's name or alias, a native file or a checkpoint.") var model: String
  @Option(
    help: ArgumentHelp("An input array; the name is `image`.", valueName: "[name=]file.npy"))
  var input: [String]
  @Option(help: ArgumentHelp("Which outputs; all by default.", valueName: "a,b"))
  var outputs: String?
  @Option(help: ArgumentHelp("Where <output>.npy files go; made if missing.", valueName: "dir"))
  var outputDir: String
  @Flag(
    help: """
      Resize inputs of another size to the model's resolution first, as torchxrayvision's models \
      do (antialiased, bilinear).
      """)
  var fixResolution = false

  func validate() throws {
    if input.count != 1 { throw ValidationError("give one --input; every model has one, `image`") }
    if let outputs, outputs.split(separator: ",").isEmpty {
      throw ValidationError("--outputs names no output")
    }
  }

  func run() throws {
    let model = try options.zoo(runOptions.execution).load(model)
    var images = try read(input[0])
    if fixResolution {
      images = try model.fixResolution(images)
    } else if images.shape.count == 4, !images.shape[2...].elementsEqual(model.trainedSize) {
      Terminal.note(
        "the input is \(Shape(Array(images.shape[2...]))), the model was trained at "
          + "\(Shape(model.trainedSize)); --fix-resolution resizes as torchxrayvision does")
    }
    let names = outputs?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let results = try model.run(images, endpoints: names)
    do {
      try FileManager.default.createDirectory(
        atPath: outputDir, withIntermediateDirectories: true)
    } catch {
      throw ZooError.file(outputDir, reason: "the folder cannot be made")
    }
    for (name, tensor) in results.sorted(by: { $0.key < $1.key }) {
      let path = URL(fileURLWithPath: outputDir).appendingPathComponent(name + ".npy")
      try OutputFile.write(NumPyArray.encode(tensor), to: path.path)
      Terminal.print("\(name)  \(tensor.shape)  \(path.relativePath)")
    }
  }

  private func read(_ argument: String) throws -> Tensor {
    var path = argument
    if let separator = argument.firstIndex(of: "="), !argument[..<separator].contains("/") {
      let name = String(argument[..<separator])
      guard name == Model.inputName else {
        throw ValidationError("the input is named \(Model.inputName), not \(name)")
      }
      path = String(argument[argument.index(after: separator)...])
    }
    return try NumPyArray.read(path)
  }
}
