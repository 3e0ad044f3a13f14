import ArgumentParser
import Foundation
import XRayZoo

/// The command `zoo`: one file a verb under Commands, printing under Output, no logic of its own.
@main
struct ZooCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zoo",
    abstract: "Runs published chest X-ray models on the CPU, without Python.",
    discussion: """
      The first command to try needs no download:

        zoo predict chest.png            the embedded demonstration model
        zoo list                         the published models
        zoo fetch all --from FILE.pt     cache a weight file of torchxrayvision
        zoo predict --model all chest.png

      Results go to standard output, everything else to standard error. The exit code is 0 for \
      success, 1 where the work failed, 64 for wrong usage. Research software, not a medical device.
      """,
    version: "0.1.0",
    subcommands: [
      ListCommand.self, InfoCommand.self, FetchCommand.self, ConvertCommand.self,
      InspectCommand.self, VerifyCommand.self, PredictCommand.self, FeaturesCommand.self,
      SegmentCommand.self, ReconstructCommand.self, RunCommand.self, ExportCommand.self,
      BenchCommand.self,
    ])

  /// Runs the command line.
  ///
  /// What fails is told in one line, and a mismatch of tensors in a few; wrong usage is ArgumentParser's to tell.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      // Help, wrong usage and bare exit codes.
      if exitCode(for: error) != .failure || error is ExitCode { exit(withError: error) }
      for line in (error as? ZooError)?.lines ?? ["\(error)"] { Terminal.note(line) }
      Foundation.exit(EXIT_FAILURE)
    }
  }
}
