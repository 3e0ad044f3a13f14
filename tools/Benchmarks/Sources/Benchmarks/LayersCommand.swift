import ArgumentParser
import XRayZoo

struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers", abstract: "Times each layer of a network, at batch 1.")

  @OptionGroup var options: EngineOptions
  @Option(help: ArgumentHelp("Image side.", valueName: "s")) var size: Int?
  @Option(help: ArgumentHelp("Runs, of which the best counts.", valueName: "n")) var runs = 20
  @Argument(help: "The network.") var network: Network

  func validate() throws {
    if let size, size < 1 { throw ValidationError("--size takes 1 or more") }
  }

  func run() throws {
    let engine = try options.engine()
    let size = size ?? network.sizes[0]
    let session = try engine.session(network, size: size)
    let layers = try session.profile(images([1, network.channels, size, size]), runs: runs)
    let peak = session.measuredPeak() / 1e9
    let rows = layers.map { layer in
      let time = layer.minimumMilliseconds
      let speed = Double(layer.floatingPointOperations) / max(time, 1e-9) / 1e6
      return [
        layer.label, layer.op, time.fixed(3), speed.fixed(1), (speed / peak * 100).fixed(0),
      ]
    }
    let total = layers.reduce(0) { $0 + $1.minimumMilliseconds }
    print(
      "\(network.rawValue)-\(size), \(engine.kernels.name), \(engine.threads.count) threads, "
        + "\(engine.precision); the layers' best times add up to \(total.fixed(2)) ms")
    printTable(["layer", "op", "ms", "GFLOP/s", "% of peak"], rows)
  }
}
