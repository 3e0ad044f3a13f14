import ArgumentParser
import Foundation
import XRayZoo

/// Where models come from: shared by every verb that names one.
struct ZooOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A manifest laid over the built-in list of models; ZOO_MANIFEST can name it too.",
      valueName: "file"))
  var manifest: String?

  func zoo(_ execution: ExecutionOptions = .init()) -> Zoo {
    guard let manifest else { return Zoo(execution: execution) }
    return Zoo(
      architectures: Zoo.builtInArchitectures, manifest: URL(fileURLWithPath: manifest),
      execution: execution)
  }
}

/// How models are run: shared by every verb that runs one.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Threads to use at most; else ZOO_NUM_THREADS, else one a processor. The results do not \
      depend on it.
      """, valueName: "n"))
  var threads: Int?

  @Option(help: "Arithmetic; bf16 is for a later version.")
  var precision = Precision.f32

  var execution: ExecutionOptions { ExecutionOptions(threads: threads) }

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads takes a whole number from 1 to 256, not \(threads)")
    }
    guard precision == .f32 else {
      throw ValidationError("--precision bf16 is not part of this version; use f32")
    }
  }
}

/// The arithmetic of a run.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case f32
  case bf16
}

/// Tables for people or one JSON document for programs.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case json
}

/// The line that stands under every prediction that people read.
let disclaimer =
  "Research software, not a medical device: not for diagnosis or any clinical decision."

extension Prediction.Output: ExpressibleByArgument {}
