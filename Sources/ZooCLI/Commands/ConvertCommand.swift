import ArgumentParser
import XRayZoo

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Converts a checkpoint to a native weight file.",
    discussion: """
      Read are zip and legacy files with a state dict or a whole module, and safetensors; the \
      content decides, not the file's name, and nothing in it is executed. The native file is \
      safetensors with a profile and checksums, so other programs can read it too.

        zoo convert model.pt                         writes model.safetensors
        zoo convert best.pt --as all -o all.safetensors
      """)

  @OptionGroup var options: ZooOptions
  @Argument(help: "The checkpoint.") var input: String
  @Option(
    name: .short,
    help: ArgumentHelp(
      "The native file to write; by default the input's name with .safetensors.",
      valueName: "file"))
  var output: String?
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "The published model that this is: gives labels and operating points.", valueName: "model"))
  var model: String?
  @Option(help: ArgumentHelp("The architecture to take; recognised by default.", valueName: "id"))
  var architecture: String?
  @Option(help: "How to store real numbers; tensors that a type cannot hold stay f32.")
  var dtype: StorageType?

  func run() throws {
    let conversion = try options.zoo().convert(
      input, to: output, as: model, architecture: architecture, dtype: dtype?.dtype)
    for (name, value) in conversion.facts { Terminal.note("\(name): \(value)") }
    if let rounding = conversion.rounding {
      Terminal.note(
        "rounding cost at most \(rounding.absolute) (absolute) and \(rounding.relative) (relative)")
    }
    Terminal.note(
      "\(conversion.sourceKind) → \(conversion.architecture), \(conversion.tensorCount) tensors, "
        + "\(conversion.byteCount.asFileSize), "
        + "model \(conversion.description.name)")
    Terminal.print(conversion.output.relativePath)
  }
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
