import Foundation
import Testing
import ZooFixtures

/// The command `zoo` as its users run it: a process in a folder of its own, with a cache and a home
/// there and the fixtures' manifest.
struct Zoo {
  let folder: TemporaryFolder

  /// How a process ended and what it said.
  struct Run {
    let code: Int32
    let wasKilled: Bool
    let output: Data
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

    /// The standard output as JSON.
    func json() throws -> Any { try JSONSerialization.jsonObject(with: output) }
  }

  init() throws { folder = try TemporaryFolder() }

  /// The executable stands beside the one that runs the tests.
  static let executable: String = {
    let folders =
      [Bundle.main.bundleURL] + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
    let paths = folders.map { $0.appendingPathComponent("zoo").path }
    return paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "zoo"
  }()

  /// Longer than any of the commands here takes, even on a busy machine.
  private static let timeout: TimeInterval = 120

  /// Runs `zoo` and waits for it; a hang is an issue.
  @discardableResult
  func callAsFunction(_ arguments: String..., environment: [String: String] = [:]) throws -> Run {
    try run(arguments, environment: environment)
  }

  /// Runs a line of shell script in which `$ZOO` is the executable.
  func shell(_ script: String) throws -> Run {
    try launch("/bin/sh", ["-c", script], [:])
  }

  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Run {
    try launch(Self.executable, arguments, environment)
  }

  private func launch(
    _ executable: String, _ arguments: [String], _ changes: [String: String]
  ) throws -> Run {
    // Files and not pipes: nothing blocks, whatever the process does.
    let outside = try TemporaryFolder()
    let paths = ["out", "err"].map { outside.file($0) }
    let handles = try paths.map { path in
      try Data().write(to: URL(fileURLWithPath: path))
      return try #require(FileHandle(forWritingAtPath: path))
    }
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("ZOO_") && !$0.key.hasPrefix("XDG_")
    }
    environment["HOME"] = folder.file("home")
    environment["ZOO_CACHE"] = folder.file("cache")
    environment["ZOO_MANIFEST"] = ZooFixtures.path("manifest.json")
    environment["ZOO"] = Self.executable
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment.merge(changes) { $1 }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = environment.filter { !$0.value.isEmpty }
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardInput = FileHandle.nullDevice
    (process.standardOutput, process.standardError) = (handles[0], handles[1])
    try process.run()
    let end = Date(timeIntervalSinceNow: Self.timeout)
    while process.isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.004) }
    if process.isRunning {
      process.interrupt()
      kill(process.processIdentifier, SIGKILL)
      Issue.record("zoo \(arguments) hangs")
    }
    process.waitUntilExit()
    let contents = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    return Run(
      code: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      output: contents[0], errors: String(decoding: contents[1], as: UTF8.self))
  }

  /// The files in the folder and below it, hidden ones too.
  var files: [String] {
    (FileManager.default.subpaths(atPath: folder.path) ?? []).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder.file(name), isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  /// Converts the model of one channel under the name of the fixtures' manifest.
  @discardableResult
  func tinyModel(_ name: String = "tiny.safetensors") throws -> String {
    let run = try run(
      ["convert", ZooFixtures.path("points.zip.pt"), "-o", name, "--as", "tiny"])
    #expect(run.code == 0, "\(run.errors)")
    return folder.file(name)
  }
}

extension Zoo.Run {
  /// Expects a failure that is told in one line or a few, one of which names something.
  func expectFailure(
    naming name: String, code expected: Int32 = 1, lines: Int = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(!wasKilled, "signal \(code): \(errors.prefix(300))", sourceLocation: sourceLocation)
    #expect(code == expected, "\(errors.prefix(300))", sourceLocation: sourceLocation)
    #expect(errors.hasSuffix("\n"), sourceLocation: sourceLocation)
    #expect(errors.contains(name), "\(errors)", sourceLocation: sourceLocation)
    if expected == 1 {
      #expect(errorLines.count == lines, "\(errors)", sourceLocation: sourceLocation)
    }
  }

  /// Expects success and silence beside the result.
  func expectSuccess(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(code == 0 && !wasKilled, "\(errors)", sourceLocation: sourceLocation)
  }
}
