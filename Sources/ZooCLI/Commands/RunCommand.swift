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
    if let (name, _) = parts(of: input[0]), name != Model.inputName {
      throw ValidationError("the input is named \(Model.inputName), not \(name)")
    }
    if let outputs, outputs.split(separator: ",").isEmpty {
      throw ValidationError("--outputs names no output")
    }
  }

  func run() throws {
    let path = parts(of: input[0])?.path ?? input[0]
    let loaded = try options.zoo(runOptions.execution).load(model)
    let names = outputs?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    for name in names ?? [] { try loaded.require(name) }
    let images = try NumPyArray.read(path)
    let results: [String: Tensor]
    do {
      results = try loaded.run(
        fixResolution ? loaded.fixResolution(images) : images, endpoints: names)
    } catch {
      throw ZooError.array(file: path, reason: "\(error)")
    }
    if !fixResolution, !images.shape[2...].elementsEqual(loaded.trainedSize) {
      Terminal.note(
        "the input is \(Shape(Array(images.shape[2...]))), the model was trained at "
          + "\(Shape(loaded.trainedSize)); --fix-resolution resizes as torchxrayvision does")
    }
    try write(results, inputs: [path, model])
    if let notice = loaded.description.notice { Terminal.note(notice) }
  }

  private func write(_ results: [String: Tensor], inputs: [String]) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: outputDir, withIntermediateDirectories: true)
    } catch {
      throw ZooError.file(outputDir, reason: "the folder cannot be made")
    }
    let folder = URL(fileURLWithPath: outputDir)
    let files = try results.sorted { $0.key < $1.key }.map { name, tensor in
      let path = folder.appendingPathComponent(name + ".npy").relativePath
      return (name, tensor, path, try OutputFile(path, inputs: inputs))
    }
    var table = Table("OUTPUT", "SHAPE", "FILE")
    for (name, tensor, path, file) in files {
      try file.write(NumPyArray.encode(tensor))
      table.add(name, tensor.shape.description, path.printable)
    }
    table.show()
  }

  /// Name and path of `name=path`, or nil where there is no name.
  ///
  /// A path with a `=` of its own is given as `./a=b.npy` or with the name before it.
  private func parts(of argument: String) -> (name: String, path: String)? {
    guard let separator = argument.firstIndex(of: "="), !argument[..<separator].contains("/")
    else { return nil }
    return (
      String(argument[..<separator]), String(argument[argument.index(after: separator)...])
    )
  }
}
