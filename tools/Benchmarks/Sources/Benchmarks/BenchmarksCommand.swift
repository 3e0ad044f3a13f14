import ArgumentParser

/// Measures the engine alone; `tools/bench-peers` sets it beside other engines.
@main
struct BenchmarksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Measures the engine: by model, by layer, by convolution, and in rivalry.",
    discussion: """
      Weights and images are made up, from a generator that tools/bench-peers repeats, so that \
      nothing needs to be downloaded. ZOO_ISA=scalar|portable|avx2|avx512 forces an instruction \
      set. Only numbers of one run compare: clocks and neighbours change.
      """,
    subcommands: [
      ModelsCommand.self, LayersCommand.self, KernelsCommand.self, SessionsCommand.self,
      ServeCommand.self,
    ])
}
