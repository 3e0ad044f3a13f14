import Foundation
import Testing
import ZooFixtures

/// Help texts, and calls that make no sense.
@Suite struct UsageTests {
  static let verbs = [
    "list", "info", "fetch", "convert", "inspect", "verify", "predict", "features", "segment",
    "run",
    "export",
    "bench",
  ]

  @Test(arguments: verbs) func everyVerbHasHelp(_ verb: String) throws {
    let zoo = try Zoo()
    let run = try zoo(verb, "--help")
    run.expectSuccess()
    #expect(run.errors.isEmpty)
    #expect(run.text.contains("USAGE: zoo \(verb)"))
    #expect(try zoo("help", verb).text == run.text)
    // Fits a terminal.
    for line in run.lines where !line.hasPrefix("USAGE:") { #expect(line.count <= 80, "\(line)") }
  }

  @Test func theHelpNamesEveryVerb() throws {
    let run = try Zoo()("--help")
    run.expectSuccess()
    for verb in Self.verbs { #expect(run.text.contains("\n  \(verb) ")) }
    #expect(run.text.contains("not a medical device"))
    #expect(try Zoo()().text == run.text)
    #expect(try Zoo()("--version").lines.count == 1)
  }

  static let wrong: [(arguments: [String], told: String)] = [
    (["frobnicate"], "frobnicate"), (["list", "--format", "xml"], "xml"), (["list", "x"], "'x'"),
    (["info"], "<model>"), (["fetch"], "<models>"), (["convert"], "<input>"),
    (["fetch", "all", "nih", "--from", "x.pt"], "one model at a time"),
    (["convert", "x.pt", "--dtype", "f8"], "f8"), (["inspect"], "<file>"), (["verify"], "<file>"),
    (["convert", "x.pt", "--format", "xml"], "xml"),
    (["convert", "x.pt", "--plain", "--as", "all"], "--plain"),
    (["convert", "x.pt", "--plain", "--architecture", "densenet"], "--plain"),
    (["predict"], "<images>"), (["predict", "--output", "odds", "x.png"], "odds"),
    (["predict", "--format", "xml", "x.png"], "xml"),
    (["predict", "--precision", "f16", "x.png"], "f16"),
    (["predict", "--threads", "0", "x.png"], "from 1 to 256"),
    (["predict", "--threads", "two", "x.png"], "two"), (["features"], "<images>"),
    (["features", "--format", "csv", "x.png"], "csv"),
    (["segment", "x.png"], "-o"), (["segment", "-o", "o"], "<images>"),
    (["segment", "-o", "o", "--size", "large", "x.png"], "large"),
    (["segment", "-o", "o", "--format", "csv", "x.png"], "csv"),
    (["segment", "-o", "o", "--structures", " ,", "x.png"], "--structures"),
    (["run", "tiny", "--output-dir", "o"], "--input"),
    (["run", "tiny", "--input", "x.npy"], "--output-dir"),
    (["run", "tiny", "--input", "x.npy", "--input", "y.npy", "--output-dir", "o"], "twice"),
    (["run", "tiny", "--input", "pixels=x.npy", "--output-dir", "o"], "pixels"),
    (["run", "tiny", "--input", "x.npy", "--outputs", ",", "--output-dir", "o"], "--outputs"),
    (["export"], "<model>"), (["export", "tiny", "--opset", "12"], "13 to 23"),
    (["export", "tiny", "--opset", "24"], "13 to 23"), (["export", "tiny", "--opset", "x"], "x"),
    (["export", "tiny", "--size", "0"], "--size"),
    (["export", "tiny", "--size", "8193"], "--size"),
    (["export", "tiny", "--size", "64", "--fixed-size"], "not both"),
    (["export", "tiny", "--outputs", ","], "--outputs"),
    (["bench", "--batch", "0"], "--batch"), (["bench", "--runs", "-1"], "--runs"),
    (["bench", "--all"], "--layers"),
    (["bench", "--runs", "0"], "--runs"), (["bench", "--size", "9999"], "--size"),
    (["bench", "--batch", "4096", "--size", "8192"], "--batch"),
    (["bench", "--batch", "99999999999999999999"], "99999999999999999999"),
    (["--frobnicate"], "frobnicate"),
  ]

  @Test(arguments: wrong.indices) func wrongUsageIsCode64(_ index: Int) throws {
    let (arguments, told) = Self.wrong[index]
    let zoo = try Zoo()
    let run = try zoo.run(arguments)
    run.expectFailure(naming: told, code: 64)
    #expect(run.errors.contains("Usage: zoo"))
    if let verb = arguments.first, Self.verbs.contains(verb) {
      #expect(run.errors.contains("Usage: zoo \(verb)"))
    }
    #expect(run.output.isEmpty)
    #expect(zoo.files.isEmpty)
  }

  static let failing: [(arguments: [String], told: String)] = [
    (["info", "nihh"], "did you mean \"nih\"?"), (["fetch", "nihh"], "did you mean \"nih\"?"),
    (["info", "densenet121"], "did you mean \"densenet121-res224-all\"?"),
    (["fetch", "densenet121-res224"], "did you mean \"densenet121-res224-all\"?"),
    (["predict", "--model", "alll", "x.png"], "did you mean all?"),
    (["predict", "--model", "tiny-chst", "x.png"], "did you mean tiny-chest?"),
    (["predict", "--model", "tiny", "x.png"], "zoo fetch tiny-chest --from FILE"),
    (["bench", "quite another thing"], "zoo list shows the models"),
    (["convert", "x.pt", "--as", "tinny"], "did you mean \"tiny\"?"),
    (["fetch", "all", "--from", "https://example.org/x.pt"], "not part of this version"),
    (["list", "--manifest", "none.json"], "none.json"),
  ]

  @Test(arguments: failing.indices) func whatIsNotThereIsCode1(_ index: Int) throws {
    let (arguments, told) = Self.failing[index]
    let zoo = try Zoo()
    let run = try zoo.run(arguments)
    run.expectFailure(naming: told)
    #expect(run.output.isEmpty)
    #expect(zoo.files.isEmpty)
  }

  @Test func anUnknownOutputOrArchitectureGetsASuggestion() throws {
    let zoo = try Zoo()
    let model = ZooFixtures.path("parallel.zip.pt")
    let run = try zoo(
      "run", model, "--input", ZooFixtures.path("images.npy"), "--outputs", "logits,feature",
      "--output-dir", "o")
    run.expectFailure(naming: "did you mean features?")
    try zoo("convert", model, "--architecture", "densnet", "-o", "x.safetensors")
      .expectFailure(naming: "did you mean densenet?")
    #expect(zoo.files.isEmpty)
  }

  @Test func theEnvironmentIsChecked() throws {
    let zoo = try Zoo()
    let bench = ["bench", ZooFixtures.path("points.zip.pt"), "--runs", "1"]
    for (name, value) in [("ZOO_ISA", "mmx"), ("ZOO_NUM_THREADS", "many"), ("ZOO_MANIFEST", "no")] {
      let run = try zoo.run(name == "ZOO_MANIFEST" ? ["list"] : bench, environment: [name: value])
      run.expectFailure(naming: value)
    }
    try zoo.run(bench, environment: ["ZOO_ISA": "scalar", "ZOO_NUM_THREADS": "1"]).expectSuccess()
  }
}
