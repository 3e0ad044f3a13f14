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
  @Argument(help: "A model's name or alias, a native file, a checkpoint or an ONNX file.")
  var model: String
  @Option(
    help: ArgumentHelp(
      "An input array; the name may be left out where there is one input, as with X-ray models.",
      valueName: "[name=]file.npy"))
  var input: [String] = []
  @Option(help: ArgumentHelp("Which outputs; all by default.", valueName: "a,b"))
  var outputs: String?
  @Option(help: ArgumentHelp("Where <output>.npy files go; made if missing.", valueName: "dir"))
  var outputDir: String
  @Flag(
    help: """
      Resize inputs of another size to the model's resolution first, as torchxrayvision's models \
      do (bilinear; antialiased but for the VQ-GANs).
      """)
  var fixResolution = false

  func validate() throws {
    if let outputs, outputs.split(separator: ",").isEmpty {
      throw ValidationError("--outputs names no output")
    }
    // Of a published model the inputs are known without loading it.
    if options.zoo().isPublished(model) { _ = try inputFiles(of: [Model.inputName]) }
  }

  func run() throws {
    let names = outputs?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    switch try options.zoo(runOptions.execution).network(model) {
    case .model(let model): try run(model, names)
    case .graph(let graph): try run(graph, names)
    }
  }

  private func run(_ loaded: Model, _ names: [String]?) throws {
    let files = try inputFiles(of: [Model.inputName])
    for name in names ?? [] { try loaded.require(name) }
    guard let path = files[Model.inputName] else { return }
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

  private func run(_ graph: GraphModel, _ names: [String]?) throws {
    if fixResolution {
      throw ValidationError("--fix-resolution is for X-ray models, and this is a graph of its own")
    }
    let files = try inputFiles(of: graph.inputs.map(\.name))
    for name in names ?? [] { try graph.require(name) }
    let tensors = try files.mapValues { path in try NumPyArray.read(path) }
    try write(
      graph.run(tensors, outputs: names), inputs: Array(files.values) + [model])
  }

  /// The file of each input.
  private func inputFiles(of names: [String]) throws -> [String: String] {
    var files = [String: String]()
    for argument in input {
      let (name, path) = try named(argument, of: names)
      guard files.updateValue(path, forKey: name) == nil else {
        throw ValidationError("the input \(name.printable) is given twice")
      }
    }
    for name in names where files[name] == nil {
      throw ValidationError(
        "the input \(name.printable) is missing; give --input \(name.printable)=FILE.npy")
    }
    return files
  }

  /// Input and path of `name=path`, or of a path alone where there is one input.
  private func named(_ argument: String, of names: [String]) throws -> (String, String) {
    // The longest, since names may hold a `=` of their own.
    let matching = names.filter { argument.hasPrefix($0 + "=") }
    if let name = matching.max(by: { $0.count < $1.count }) {
      return (name, String(argument.dropFirst(name.count + 1)))
    }
    if let separator = argument.firstIndex(of: "="), !argument[..<separator].contains("/") {
      let name = String(argument[..<separator])
      let nearest = nearestName(to: name, in: names).map { ", did you mean \($0.printable)?" } ?? ""
      throw ValidationError(
        "there is no input \(name.printable)\(nearest); there are "
          + names.map(\.printable).joined(separator: ", "))
    }
    guard names.count == 1 else {
      throw ValidationError(
        "which input is \(argument.printable)? give --input NAME=FILE.npy; there are "
          + names.map(\.printable).joined(separator: ", "))
    }
    return (names[0], argument)
  }

  private func write(_ results: [String: Tensor], inputs: [String]) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: outputDir, withIntermediateDirectories: true)
    } catch {
      throw ZooError.file(outputDir, reason: "the folder cannot be made")
    }
    let folder = URL(fileURLWithPath: outputDir)
    let names = Array(results.keys).fileNames
    let files = try results.sorted { $0.key < $1.key }.map { name, tensor in
      let path = folder.appendingPathComponent((names[name] ?? name) + ".npy").relativePath
      return (name, tensor, path, try OutputFile(path, inputs: inputs))
    }
    var table = Table("OUTPUT", "SHAPE", "FILE")
    for (name, tensor, path, file) in files {
      try file.write(NumPyArray.encode(tensor))
      table.add(name, tensor.shape.description, path.printable)
    }
    table.show()
  }
}

extension [String] {
  /// A file's name for each output: ONNX models have names such as `/layer1/Relu`.
  ///
  /// Names that can stay do.
  fileprivate var fileNames: [String: String] {
    var unique = UniqueNames()
    var names = [String: String]()
    for output in sorted(by: { ($0 == $0.fileName ? 0 : 1, $0) < ($1 == $1.fileName ? 0 : 1, $1) })
    {
      names[output] = unique.name(output.fileName)
    }
    return names
  }
}
