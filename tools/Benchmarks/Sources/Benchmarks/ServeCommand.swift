import ArgumentParser
import XRayZoo

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Runs inferences on demand: how tools/bench-peers takes turns between engines.",
    discussion: """
      Prints `ready` with facts as JSON, or `missing` with the reason. Then every line of standard \
      input is an order: `run N` runs N inferences and prints their milliseconds, `outputs` prints \
      the class scores of the batch. Standard input's end is the end.
      """)

  @Argument(help: "The network.") var network: Network
  @Argument(help: "Image side.") var size: Int
  @Argument(help: "Images a run.") var batch: Int
  @Argument(help: "Threads at most.") var threads: Int
  @Argument(help: "Arithmetic.") var precision: Precision

  func validate() throws {
    if size < 1 || batch < 1 { throw ValidationError("SIZE and BATCH are 1 or more") }
  }

  func run() throws {
    let engine = try Engine(threads: threads, precision: precision)
    let session = try engine.session(network, size: size)
    let images = images([batch, network.channels, size, size])
    let facts = [
      "version": "this working copy", "configuration": session.instructionSet,
      "precision": precision.rawValue,
    ]
    try Report.line("ready", facts)
    while let line = readLine() { try answer(line, session, images) }
  }

  private func answer(_ line: String, _ session: Session, _ images: [String: Tensor]) throws {
    let words = line.split(separator: " ")
    if words.count == 2, words[0] == "run", let runs = Int(words[1]), runs > 0 {
      var timings = Timings()
      try timings.measure(runs) { _ = try session.run(images) }
      try Report.line(nil, ["milliseconds": timings.milliseconds])
    } else if words == ["outputs"] {
      let scores = try session.run(images)[Endpoint.logitsName]?.floats() ?? []
      try Report.line(nil, ["outputs": scores])
    } else {
      throw ValidationError("\"\(line)\" is not an order; give `run N` or `outputs`")
    }
  }
}
