/// One reader under test: a file in `Targets`, and a line in `all`.
protocol FuzzTarget: Sendable {
  /// What the command line calls it.
  var name: String { get }

  /// Words worth putting into an input, for libFuzzer's dictionary.
  var words: [[UInt8]] { get }

  /// The inputs that one committed file gives to start from; none where it is of another kind.
  func seeds(from file: [UInt8]) -> [[UInt8]]

  /// The file that an input stands for; the input itself, unless the target fuzzes a part of one.
  func file(for input: [UInt8]) -> [UInt8]

  /// Reads a file as users do, and looks at every byte of what comes out.
  func read(_ path: String) throws

  /// Changes an input in the terms of its format; nil leaves it to libFuzzer, which knows bytes.
  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]?
}

extension FuzzTarget {
  func file(for input: [UInt8]) -> [UInt8] { input }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? { nil }
}

/// Every reader that can be fuzzed.
let fuzzTargets: [any FuzzTarget] = [
  PickleTarget(), LegacyTarget(), ZipTarget(), TarTarget(), SafetensorsTarget(), NativeTarget(),
  ONNXTarget(),
]
