import ArgumentParser
import XRayZoo

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures how fast a model runs on this machine.",
    discussion: """
      Times whole inferences of random images: the logits, without reading and preparing images. \
      Medians are what to quote; the minimum shows what the machine can do undisturbed.
      """)

  @OptionGroup var options: ZooOptions
  @OptionGroup var runOptions: RunOptions
  @Argument(help: "A model's name or alias, a native file or a checkpoint.")
  var model = Zoo.demonstrationModel
  @Option(help: ArgumentHelp("Images a run.", valueName: "n")) var batch = 1
  @Option(help: ArgumentHelp("Image side; the model's own by default.", valueName: "s"))
  var size: Int?
  @Option(help: ArgumentHelp("Runs that are counted.", valueName: "n")) var runs = 30
  @Flag(help: "Show each layer's time, and the way in which it is computed.") var layers = false
  @Flag(help: "With --layers, time the ways that were not chosen too.") var all = false
  @Option(help: "For people or for programs.") var format = ReportFormat.table

  func validate() throws {
    if all, !layers { throw ValidationError("--all goes with --layers") }
    if !(1...4096).contains(batch) { throw ValidationError("--batch takes 1 to 4096") }
    if !(1...100_000).contains(runs) { throw ValidationError("--runs takes 1 to 100000") }
    if let size, !(1...8192).contains(size) {
      throw ValidationError("--size takes 1 to 8192")
    }
    if let size, batch * size * size > Benchmark.largestInput {
      throw ValidationError("--batch and --size are too large together; take fewer images")
    }
  }

  func run() throws {
    let model = try options.zoo(runOptions.execution).load(model)
    let report = try Benchmark(
      model, batch: batch, side: size, runs: runs, withLayers: layers, withAllPaths: all)
    switch format {
    case .json: Terminal.print(report.json.text)
    case .table: show(report, notice: model.description.notice)
    }
  }

  private func show(_ report: Benchmark, notice: String?) {
    var table = Table("model", report.model)
    if let notice { table.add("notice", notice) }
    table.add("input", report.input.description)
    table.add(
      "machine", "\(report.threads) threads, \(report.instructionSet), \(report.precision.rawValue)"
    )
    table.add("median", "\(report.medianMilliseconds.fixed(2)) ms")
    table.add("minimum", "\(report.minimumMilliseconds.fixed(2)) ms")
    table.add("throughput", "\(report.imagesPerSecond.fixed(1)) images/s at the median")
    table.add(
      "arithmetic",
      "\(report.gigaflopsPerSecond.fixed(1)) GFLOP/s, \(report.percentOfPeak.fixed(0)) % of the "
        + "measured peak of \(report.peakGigaflopsPerSecond.fixed(0))")
    table.show()
    guard !report.layers.isEmpty else { return }
    Terminal.print("")
    var layers =
      all
      ? Table("MS", "GFLOP/s", "OP", "PATH", "OTHERWISE", "LAYER")
      : Table("MS", "GFLOP/s", "OP", "PATH", "LAYER")
    for layer in report.layers {
      let speed = Double(layer.floatingPointOperations) / max(layer.minimumMilliseconds, 1e-9) / 1e6
      let others = layer.otherPaths.sorted { $0.value < $1.value }
      layers.add(
        cells: [layer.minimumMilliseconds.fixed(3), speed.fixed(1), layer.op, layer.path ?? ""]
          + (all ? [others.map { "\($0) \($1.fixed(3))" }.joined(separator: ", ")] : [])
          + [layer.label])
    }
    layers.show()
  }
}
