import Foundation
import XRayZoo

/// Standard output for results, standard error for everything else.
enum Terminal {
  /// Prints a line of result.
  static func print(_ line: String) { write(Data((line + "\n").utf8)) }

  /// Prints a line for people beside the result.
  ///
  /// Names of files may hold line breaks and commands to the terminal, which are replaced.
  static func note(_ line: String) {
    // Where nobody hears it there is nobody to tell.
    try? FileHandle.standardError.write(contentsOf: Data("zoo: \(line.printable)\n".utf8))
  }

  /// Prints bytes of result.
  ///
  /// Ends the program where they cannot be delivered, as on a full disk.
  static func write(_ data: Data) {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      note("standard output cannot be written; is the disk full?")
      exit(EXIT_FAILURE)
    }
  }

  /// Whether people watch standard error.
  static var isWatched: Bool { isatty(STDERR_FILENO) != 0 }

  /// Whether standard output goes to a terminal, which binary data would upset.
  static var showsOutput: Bool { isatty(STDOUT_FILENO) != 0 }
}

/// A bar on one line of the terminal that goes when the work is done; nothing elsewhere.
struct ProgressBar {
  private let total: Int
  private let label: String
  private let isShown: Bool
  private static let width = 30

  /// Shows a bar for work of several parts; a single part gets none.
  init(_ label: String, total: Int) {
    self.label = label
    self.total = total
    isShown = total > 1 && Terminal.isWatched
    update(0)
  }

  /// Draws the bar anew.
  func update(_ done: Int) {
    guard isShown else { return }
    let filled = done * Self.width / total
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
    draw("\(label) \(bar) \(done)/\(total)")
  }

  /// Takes the bar off the line, so that something else can be printed.
  func clear() { if isShown { draw("") } }

  private func draw(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K\(text)".utf8))
  }
}
