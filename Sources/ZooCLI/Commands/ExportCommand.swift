import ArgumentParser
import XRayZoo

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a model as an ONNX file, for ONNX Runtime, OpenVINO or Core ML.",
    discussion: """
      The file computes what zoo run does: the input is [batch, 1, height, width], values from \
      -1024 to 1024, and the outputs are the network's own (zoo run names them). Calibration is not \
      in it; labels, operating points, licence and how to prepare an image are what the file says \
      of itself. Any number of images and, for DenseNets, any size goes in; some programs want the \
      size fixed.

        zoo export all -o all.onnx                        every output, open sizes
        zoo export model.pt --outputs logits --fixed-size writes model.onnx
      """)

  @OptionGroup var options: ZooOptions
  @OptionGroup var ensemble: EnsembleOptions
  @Argument(help: "A model's name or alias, a native file or a checkpoint.") var model: String
  @Option(
    name: .short,
    help: ArgumentHelp(
      "The ONNX file to write; by default the model's name with .onnx.", valueName: "file"))
  var output: String?
  @Option(help: ArgumentHelp("Which outputs; all by default.", valueName: "a,b"))
  var outputs: String?
  @Option(
    help: ArgumentHelp(
      """
      The version of ONNX's operator set, from \(Zoo.exportOpsets.lowerBound) to \
      \(Zoo.exportOpsets.upperBound).
      """, valueName: "n"))
  var opset = Zoo.defaultExportOpset
  @Option(help: ArgumentHelp("Fix the image side, in pixels.", valueName: "s")) var size: Int?
  @Flag(help: "Fix height and width at the model's resolution.") var fixedSize = false
  @Option(help: "For people or for programs.") var format = ReportFormat.table

  func validate() throws {
    let opsets = Zoo.exportOpsets
    if !opsets.contains(opset) {
      throw ValidationError(
        "--opset takes \(opsets.lowerBound) to \(opsets.upperBound), not \(opset)")
    }
    if let size, !(1...8192).contains(size) {
      throw ValidationError("--size takes 1 to 8192, not \(size)")
    }
    if size != nil, fixedSize { throw ValidationError("give --size or --fixed-size, not both") }
    if let outputs, outputs.split(separator: ",").isEmpty {
      throw ValidationError("--outputs names no output")
    }
  }

  func run() throws {
    let export = try options.zoo(ExecutionOptions(members: ensemble.members)).export(
      model, to: output,
      outputs: outputs?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) },
      opset: opset, size: size.map { .square($0) } ?? (fixedSize ? .resolution : .open))
    switch format {
    case .json: Terminal.print(json(export).text)
    case .table: show(export)
    }
  }

  private func show(_ export: Export) {
    var table = Table("OUTPUT", "SHAPE", "WHAT IT IS")
    for output in export.outputs {
      table.add(output.name, output.shape, output.summary)
    }
    table.show()
    let inputs = export.inputs.map { "\($0.name) [\($0.shape)], \($0.summary)" }
    Terminal.note(
      "\(export.output.relativePath): \(export.description.name), operator set \(export.opset), "
        + "\(export.byteCount.asFileSize); goes in: \(inputs.joined(separator: "; "))")
    if let data = export.externalData {
      Terminal.note("\(data.relativePath) holds the weights; keep it beside the model")
    }
    Terminal.note("licence: \(export.description.licence). \(disclaimer)")
    if let notice = export.description.notice { Terminal.note(notice) }
  }

  private func json(_ export: Export) -> JSONValue {
    .object([
      "file": .string(export.output.relativePath),
      "externalData": export.externalData.map { .string($0.relativePath) } ?? .null,
      "model": .string(export.description.name), "opset": .integer(export.opset),
      "inputs": .array(export.inputs.map(json)),
      "outputs": .array(export.outputs.map(json)),
      "bytes": .integer(export.byteCount),
      "licence": .string(export.description.licence),
      "notice": export.description.notice.map { .string($0) } ?? .null,
      "disclaimer": .string(disclaimer),
    ])
  }

  private func json(_ value: Export.Value) -> JSONValue {
    let extents = value.extents.map { extent in
      switch extent {
      case .fixed(let count): JSONValue.integer(count)
      case .open(let name): JSONValue.string(name)
      }
    }
    return .object([
      "name": .string(value.name), "dtype": .string("float32"), "shape": .array(extents),
      "summary": .string(value.summary),
    ])
  }
}
