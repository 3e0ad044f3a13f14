import ArgumentParser
import XRayZoo

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what is in a weight file of any kind; nothing in it is executed.",
    discussion: """
      Only what describes the tensors is read, so that a large file takes no longer than a small one; \
      --verify reads and checks every byte.
      """)

  @OptionGroup var options: ZooOptions
  @Argument(help: "A native file, a PyTorch checkpoint or a safetensors file.") var file: String
  @Option(
    help: ArgumentHelp(
      "Where in the checkpoint the tensors lie, such as ema or model/encoder; found by default.",
      valueName: "path"))
  var key: String?
  @Flag(help: "Compare every byte with the digests or checksums that the file carries.")
  var verify = false
  @Option(help: "For people or for programs.") var format = ReportFormat.table

  func run() throws {
    let report = try options.zoo().inspect(file, key: key, verifying: verify)
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
      "differences": .array(report.differences.map { .string($0.description) }),
      "parameters": .integer(report.parameterCount), "bytes": .integer(report.byteCount),
      "checked": .string(report.verification.rawValue),
    ])
  }

  private func show(_ report: FileReport) {
    var facts = Table("kind", report.kind)
    if let (id, configuration) = report.architecture {
      facts.add("architecture", "\(id) \(configuration.text)".printable)
    } else {
      facts.add("architecture", "not recognised")
    }
    if let mismatch = report.mismatch { facts.add("mismatch", mismatch.printable) }
    for difference in report.differences.prefix(Self.mostDifferences) {
      facts.add("", "  \(difference)")
    }
    let more = report.differences.count - Self.mostDifferences
    if more > 0 { facts.add("", "  and \(more) more") }
    for (name, value) in report.metadata { facts.add(name.printable, value.printable) }
    facts.add(
      "tensors",
      "\(report.tensors.count), \(report.parameterCount) parameters, "
        + report.byteCount.asFileSize)
    let types = counts(report).map { "\($0.count) \($0.dtype.rawValue)" }
    facts.add("types", types.joined(separator: ", "))
    facts.add("checked", report.verification.words)
    facts.show()
    Terminal.print("")
    var tensors = Table("TYPE", "SHAPE", "TENSOR")
    for tensor in report.tensors {
      tensors.add(tensor.dtype.rawValue, tensor.shape.description, tensor.name.printable)
    }
    tensors.show()
  }

  /// Differences that people are told.
  private static let mostDifferences = 10

  /// How many tensors there are of each type, in the order of the types.
  private func counts(_ report: FileReport) -> [(dtype: DType, count: Int)] {
    DType.allCases.map { dtype in (dtype, report.tensors.count { $0.dtype == dtype }) }
      .filter { $0.count > 0 }
  }
}

extension FileReport.Verification {
  /// What was checked, for people.
  fileprivate var words: String {
    switch self {
    case .header: "the header alone; --verify checks the values"
    case .digests: "every byte, by its SHA-256"
    case .checksums: "every value, by its CRC-32"
    case .structure: "the structure; the file carries no checksums for its values"
    }
  }
}
