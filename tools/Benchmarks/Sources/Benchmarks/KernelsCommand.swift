import ArgumentParser
import XRayZoo

struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Times every distinct convolution of the networks alone.",
    discussion: """
      Each is a graph of its own, compiled as the engine would compile it inside the network; the \
      time is that of the layer, not of the copies in and out. TIMES says how often the network \
      has it, SUM multiplies.
      """)

  @OptionGroup var options: EngineOptions
  @Option(help: ArgumentHelp("Runs, of which the best counts.", valueName: "n")) var runs = 20
  @Option(help: ArgumentHelp("Only lines that contain this.", valueName: "text"))
  var only: String?
  @Argument(help: "The networks; all of them by default.") var networks = Network.allCases

  func run() throws {
    let engine = try options.engine()
    print("\(engine.kernels.name), \(engine.threads.count) threads, \(engine.precision)")
    for network in networks {
      for size in network.sizes {
        var rows = [[String]]()
        for (shape, count) in try ConvolutionCase.all(in: network, size: size)
        where only.map(shape.label.contains) ?? true {
          rows.append(try measure(shape, count: count, engine))
        }
        guard !rows.isEmpty else { continue }
        print("\n\(network.rawValue)-\(size)")
        printTable(["convolution", "ms", "GFLOP/s", "% of peak", "times", "sum ms"], rows)
      }
    }
  }

  private func measure(_ shape: ConvolutionCase, count: Int, _ engine: Engine) throws -> [String] {
    let session = try engine.session(
      shape.graph(), image: shape.image, endpoint: ConvolutionCase.endpoint)
    let images = images(shape.image)
    _ = try session.run(images)
    let layers = try session.profile(images, runs: runs)
    let time = layers.reduce(0) { $0 + $1.minimumMilliseconds }
    let speed = Double(session.floatingPointOperations) / max(time, 1e-9) / 1e6
    return [
      shape.label, time.fixed(3), speed.fixed(1),
      (speed / session.measuredPeak() * 1e11).fixed(0), "\(count)",
      (time * Double(count)).fixed(2),
    ]
  }
}
