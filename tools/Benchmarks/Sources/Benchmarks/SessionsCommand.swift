import ArgumentParser
import Foundation
import Synchronization
import XRayZoo

struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Compares two sessions driven from two threads with one session, in turns.",
    discussion: """
      In each round one session runs N images after each other, with all its threads; then two \
      sessions, each on a thread of its own, run N images together. Prints the throughputs.
      """)

  @OptionGroup var options: EngineOptions
  @Option(
    help: ArgumentHelp(
      "Threads of each of the two; as many as the one session has by default.", valueName: "n"))
  var threadsEach: Int?
  @Option(help: ArgumentHelp("Image side.", valueName: "s")) var size: Int?
  @Option(help: ArgumentHelp("Turns of each side.", valueName: "n")) var rounds = 20
  @Option(help: ArgumentHelp("Images a turn, an even number.", valueName: "n")) var images = 8
  @Argument(help: "The network.") var network = Network.densenet121

  func validate() throws {
    if rounds < 1 || images < 2 || images % 2 != 0 {
      throw ValidationError("--rounds takes 1 or more, --images an even number of 2 or more")
    }
  }

  func run() throws {
    let size = size ?? network.sizes[0]
    let image = Benchmarks.images([1, network.channels, size, size])
    let engine = try options.engine()
    let half = try Engine(
      threads: threadsEach ?? engine.threads.count, precision: options.precision)
    let one = try engine.session(network, size: size)
    let two = try [half, half].map { try $0.session(network, size: size) }
    var (alone, together) = (Timings(), Timings())
    for round in -1..<rounds {
      // The first round settles memory and clocks.
      if round == 0 { (alone, together) = (Timings(), Timings()) }
      try alone.measure(1) { for _ in 0..<images { _ = try one.run(image) } }
      try together.measure(1) { try Self.drive(two, image, runs: images / 2) }
    }
    let speeds = [alone, together].map { Double(images) * 1000 / $0.median }
    try Report.line(
      nil,
      Comparison(
        network: "\(network.rawValue)-\(size)", precision: options.precision.rawValue,
        threads: engine.threads.count, threadsEach: half.threads.count, rounds: rounds,
        oneSessionImagesPerSecond: speeds[0], twoSessionsImagesPerSecond: speeds[1],
        ratio: speeds[1] / speeds[0]))
  }

  private struct Comparison: Encodable {
    let network: String
    let precision: String
    let threads: Int
    let threadsEach: Int
    let rounds: Int
    let oneSessionImagesPerSecond: Double
    let twoSessionsImagesPerSecond: Double
    let ratio: Double
  }

  /// Runs the sessions at the same time, each on its own thread.
  private static func drive(
    _ sessions: [Session], _ image: [String: Tensor], runs: Int
  ) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: sessions.count) { index in
      do {
        for _ in 0..<runs { _ = try sessions[index].run(image) }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
