import ArgumentParser
import XRayZoo

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Converts a checkpoint to a native weight file, or to plain safetensors.",
    discussion: """
      Read is everything that torch.load reads (zip, legacy and tar files, TorchScript, training \
      checkpoints), safetensors, and ONNX models; the content decides, not the file's name, and \
      nothing in it is executed. The native file is \
      safetensors with a profile and checksums, so other programs can read it too.

      Tensors of no known network become plain safetensors, which zoo run cannot run. Where at least \
      half of a network's parameters are there by name, but not all or of other shapes, that is an \
      error that tells the differences; --plain converts such a file as it is. An ONNX model takes \
      its graph along, and zoo run runs it without a plugin.

        zoo convert model.pt                         writes model.safetensors
        zoo convert best.pt --as all -o all.safetensors
        zoo convert last.ckpt --key ema --dtype bf16
      """)

  @OptionGroup var options: ZooOptions
  @Argument(help: "The checkpoint.") var input: String
  @Option(
    name: .short,
    help: ArgumentHelp(
      "The file to write; by default the input's name with .safetensors.", valueName: "file"))
  var output: String?
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "The published model that this is: gives labels and operating points.", valueName: "model"))
  var model: String?
  @Option(help: ArgumentHelp("The architecture to take; recognised by default.", valueName: "id"))
  var architecture: String?
  @Option(
    help: ArgumentHelp(
      "Where in the checkpoint the tensors lie, such as ema or model/encoder; found by default.",
      valueName: "path"))
  var key: String?
  @Option(
    help: """
      How to store real numbers, rounded to nearest even; a tensor with a number that a type cannot \
      hold keeps its own.
      """)
  var dtype: StorageType?
  @Option(
    help: ArgumentHelp(
      """
      The shape of an ONNX model's input, where the model leaves it open: the graph is then tried \
      for it. May be given for each input.
      """, valueName: "name=1x3x224x224"))
  var inputShape: [NamedShape] = []
  @Flag(help: "Write plain safetensors, whatever the tensors belong to.") var plain = false
  @Option(help: "For people or for programs, with what rounding cost each tensor.")
  var format = ConversionFormat.text

  func validate() throws {
    if plain, model != nil || architecture != nil {
      throw ValidationError("--plain takes no model or architecture; leave one of them out")
    }
  }

  func run() throws {
    let conversion = try options.zoo().convert(
      input, to: output, as: model,
      options: .init(
        architecture: architecture, key: key, dtype: dtype?.dtype, isPlain: plain,
        inputShapes: Dictionary(inputShape.map { ($0.name, $0.shape) }) { $1 }))
    let report = ConversionReport(conversion, dtype: dtype?.dtype)
    for line in report.notes { Terminal.note(line) }
    switch format {
    case .text: Terminal.print(conversion.output.relativePath)
    case .json: Terminal.print(report.json.text)
    }
  }
}

/// `name=1x3x224x224`.
struct NamedShape: ExpressibleByArgument {
  let name: String
  let shape: Shape

  init?(argument: String) {
    guard let separator = argument.lastIndex(of: "=") else { return nil }
    name = String(argument[..<separator])
    var extents = [Int]()
    for text in argument[argument.index(after: separator)...].split(separator: "x") {
      guard let extent = Int(text), (0...Int(Int32.max)).contains(extent) else { return nil }
      extents.append(extent)
    }
    shape = Shape(extents)
  }
}

/// The path of the new file, or one JSON document.
enum ConversionFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// The types that real numbers can be stored in.
enum StorageType: String, ExpressibleByArgument, CaseIterable {
  case f32
  case f16
  case bf16

  var dtype: DType {
    switch self {
    case .f32: .float32
    case .f16: .float16
    case .bf16: .bfloat16
    }
  }
}
