import CFuzz
import Foundation

/// `fuzz TARGET seeds OUT FILE…` writes what there is to start from, `fuzz TARGET run …` fuzzes
/// with libFuzzer's options, `replay FILE…` reads inputs once, `file INPUT OUT` writes the file that
/// an input stands for; tools/fuzz is the way to use all of them.
@main
enum Main {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 2, let target = fuzzTargets.first(where: { $0.name == arguments[1] })
    else {
      fail("fuzz: usage: fuzz TARGET seeds|file|replay|run …; the targets are \(targetNames)")
    }
    switch arguments[2] {
    case "seeds" where arguments.count > 3:
      try writeSeeds(of: target, to: arguments[3], from: arguments.dropFirst(4))
    case "file" where arguments.count == 5:
      let input = try bytes(ofFile: arguments[3])
      try Data(target.file(for: input)).write(to: URL(fileURLWithPath: arguments[4]))
    case "replay": try replay(target, files: arguments.dropFirst(3))
    case "run": run(target, options: Array(arguments.dropFirst(3)))
    default: fail("fuzz: no such command: \(arguments[2])")
    }
  }

  private static var targetNames: String { fuzzTargets.map(\.name).joined(separator: ", ") }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(64)
  }

  static func bytes(ofFile path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Writes the seeds that committed files give, and the dictionary beside the folder.
  private static func writeSeeds(
    of target: any FuzzTarget, to folder: String, from files: ArraySlice<String>
  ) throws {
    let folder = URL(fileURLWithPath: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var count = 0
    for file in files {
      for seed in target.seeds(from: try bytes(ofFile: file)) {
        try Data(seed).write(to: folder.appendingPathComponent("seed-\(count)"))
        count += 1
      }
    }
    // libFuzzer takes no empty words.
    let lines = target.words.filter { !$0.isEmpty }.map { word in
      "\"" + word.map { "\\x" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        + "\"\n"
    }
    let dictionary = folder.appendingPathExtension("dict")
    try Data(lines.joined().utf8).write(to: dictionary)
    print("fuzz: \(count) seeds and \(lines.count) words for \(target.name)")
  }
}
