import ArgumentParser
import XRayZoo

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what is in a weight file of any kind; nothing in it is executed.")

  @OptionGroup var options: ZooOptions
  @Argument(help: "A native file, a PyTorch checkpoint or a safetensors file.") var file: String
  @Option(help: "For people or for programs.") var format = ReportFormat.table

  func run() throws {
    let report = try options.zoo().inspect(file)
    switch format {
    case .json: Terminal.print(json(report).text)
    case .table: show(report)
    }
  }

  private func json(_ report: FileReport) -> JSONValue {
    let tensors = report.tensors.map { tensor in
      JSONValue.object([
        "name": .string(tensor.name), "dtype": .string(tensor.dtype.rawValue),
        "shape": .array(tensor.shape.map { .integer($0) }),
      ])
    }
    let metadata = report.metadata.map { fact in
      JSONValue.object(["name": .string(fact.name), "value": .string(fact.value)])
    }
    let architecture = report.architecture.map { architecture in
      JSONValue.object([
        "id": .string(architecture.id), "configuration": architecture.configuration,
      ])
    }
    return .object([
      "file": .string(report.file), "kind": .string(report.kind), "tensors": .array(tensors),
      "metadata": .array(metadata), "architecture": architecture ?? .null,
      "mismatch": report.mismatch.map { .string($0) } ?? .null,
    ])
  }

  private func show(_ report: FileReport) {
    var facts = Table("kind", report.kind)
    if let (id, configuration) = report.architecture {
      facts.add("architecture", "\(id) \(configuration.text)")
    } else if let mismatch = report.mismatch {
      facts.add("architecture", "not recognised: \(mismatch.printable)")
    }
    for (name, value) in report.metadata { facts.add(name, value.printable) }
    let elements = report.tensors.reduce(0) { $0 + $1.shape.elementCount }
    facts.add("tensors", "\(report.tensors.count), \(elements) numbers in all")
    facts.show()
    Terminal.print("")
    var tensors = Table("TYPE", "SHAPE", "TENSOR")
    for tensor in report.tensors {
      tensors.add(tensor.dtype.rawValue, tensor.shape.description, tensor.name.printable)
    }
    tensors.show()
  }
}
