import Foundation

/// Standard output for results, standard error for everything else.
enum Terminal {
  /// Prints a line of result.
  static func print(_ line: String) { write(line + "\n", to: .standardOutput) }

  /// Prints a line for people beside the result.
  static func note(_ line: String) { write("zoo: " + line + "\n", to: .standardError) }

  /// Prints bytes of result.
  static func write(_ data: Data) { FileHandle.standardOutput.write(data) }

  /// Whether people watch standard error.
  static var isWatched: Bool { isatty(STDERR_FILENO) != 0 }

  /// Whether standard output goes to a terminal, which binary data would upset.
  static var showsOutput: Bool { isatty(STDOUT_FILENO) != 0 }

  private static func write(_ text: String, to handle: FileHandle) {
    handle.write(Data(text.utf8))
  }
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
    FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
  }
}
