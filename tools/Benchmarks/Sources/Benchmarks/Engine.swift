import ArgumentParser
import XRayZoo

extension Precision: @retroactive ExpressibleByArgument {}

/// How the engine is set up: shared by every subcommand.
struct EngineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads at most; else one a processor.", valueName: "n"))
  var threads: Int?
  @Option(help: "Arithmetic.") var precision = Precision.float32

  func engine() throws -> Engine { try Engine(threads: threads, precision: precision) }
}

/// The one place where sessions are made.
struct Engine {
  let threads: Threads
  let kernels: Kernels
  let precision: Precision

  init(threads: Int?, precision: Precision) throws {
    self.threads = try Threads(threads)
    self.kernels = try Kernels.forThisMachine()
    self.precision = precision
  }

  /// Compiles a graph whose one input is `Model.inputName`, with weights made up.
  func session(_ graph: Graph, image: Shape, endpoint: String) throws -> Session {
    try Session(
      graph, weights: CounterFill.weights(for: graph), inputShapes: [Model.inputName: image],
      endpoints: [endpoint], precision: precision, threads: threads, kernels: kernels)
  }

  /// Compiles a network for square images.
  func session(_ network: Network, size: Int) throws -> Session {
    try session(
      network.graph(), image: [1, network.channels, size, size], endpoint: Endpoint.logitsName)
  }
}

/// Made-up images in the range of prepared radiographs; tools/bench-peers feeds the same.
func images(_ shape: Shape) -> [String: Tensor] {
  let pixels = CounterFill.symmetric("image", count: shape.elementCount, bound: 1024)
  return [Model.inputName: Tensor(shape: shape, pixels)]
}
