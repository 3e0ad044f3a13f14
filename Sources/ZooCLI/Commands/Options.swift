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

  @Option(
    help: ArgumentHelp(
      """
      Arithmetic between layers: f32, or bf16, which is faster where the processor multiplies \
      bfloat16 pairs and slower elsewhere; its numbers are a little coarser.
      """))
  var precision = Precision.float32

  @OptionGroup var ensemble: EnsembleOptions

  var execution: ExecutionOptions {
    ExecutionOptions(threads: threads, precision: precision, members: ensemble.members)
  }

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads takes a whole number from 1 to 256, not \(threads)")
    }
  }
}

/// Which part of an ensemble is taken: shared by every verb that runs or exports a model.
struct EnsembleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Take the first n networks of each group of an ensemble alone, which is faster and a little \
      less accurate.
      """, valueName: "n"))
  var members: Int?

  func validate() throws {
    if let members, members < 1 {
      throw ValidationError("--members takes a whole number from 1 on, not \(members)")
    }
  }
}

extension Precision: ExpressibleByArgument {}

/// Tables for people or one JSON document for programs.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case json
}

/// The line that stands under every prediction that people read.
let disclaimer = Zoo.disclaimer

extension Prediction.Output: ExpressibleByArgument {}
