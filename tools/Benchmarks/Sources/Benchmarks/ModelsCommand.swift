import ArgumentParser
import XRayZoo

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "Times whole networks at the sizes of published weights.")

  @OptionGroup var options: EngineOptions
  @Option(help: ArgumentHelp("Images a run.", valueName: "n")) var batch = 1
  @Option(help: ArgumentHelp("Runs that are counted.", valueName: "n")) var runs = 20
  @Argument(help: "The networks; all of them by default.") var networks = Network.allCases

  func validate() throws {
    if batch < 1 || runs < 1 { throw ValidationError("--batch and --runs take 1 or more") }
  }

  func run() throws {
    let engine = try options.engine()
    var rows = [[String]]()
    for network in networks {
      for size in network.sizes {
        let session = try engine.session(network, size: size)
        let images = images([batch, network.channels, size, size])
        var timings = Timings()
        for _ in 0..<2 { _ = try session.run(images) }
        try timings.measure(runs) { _ = try session.run(images) }
        let operations = Double(session.floatingPointOperations * batch)
        let speed = operations / timings.median / 1e6
        rows.append([
          "\(network.rawValue)-\(size)", timings.median.fixed(2), timings.minimum.fixed(2),
          (Double(batch) * 1000 / timings.median).fixed(1), speed.fixed(0),
          (speed / session.measuredPeak() * 1e11).fixed(0),
        ])
      }
    }
    print(
      "\(engine.kernels.name), \(engine.threads.count) threads, \(engine.precision), "
        + "batch \(batch), \(runs) runs")
    printTable(["network", "median ms", "min ms", "images/s", "GFLOP/s", "% of peak"], rows)
  }
}
