import Foundation
import Testing
import ZooFixtures

/// Where results go, and what happens where they cannot.
@Suite struct OutputTests {
  private let zoo: Zoo
  private let wide = ZooFixtures.path("wide.png")
  private let arrays = ZooFixtures.path("images.npy")

  init() throws { zoo = try Zoo() }

  @Test func aFolderThatIsNotThereIsNamed() throws {
    let model = try zoo.tinyModel()
    let before = zoo.files
    for arguments in [
      ["convert", ZooFixtures.path("parallel.zip.pt"), "-o", "none/out.safetensors"],
      ["features", "--model", model, "-o", "none/out.npy", ZooFixtures.path("wide.png")],
    ] {
      try zoo.run(arguments).expectOnlyError(naming: "none")
    }
    #expect(zoo.files == before)
  }

  @Test func theProgramRunsElsewhereWithItsResourcesAndSaysWhatIsMissingWithoutThem() throws {
    let built = URL(fileURLWithPath: Zoo.executable).deletingLastPathComponent()
    let moved = zoo.folder.file("moved")
    try FileManager.default.createDirectory(atPath: moved, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Zoo.executable, toPath: moved + "/zoo")
    let missing = try zoo.shell("./moved/zoo predict '\(wide)'")
    missing.expectOnlyError(naming: "XRayZoo_ZooKit.resources")

    let resources = "XRayZoo_ZooKit.resources"
    try FileManager.default.copyItem(
      atPath: built.appendingPathComponent(resources).path, toPath: moved + "/" + resources)
    let complete = try zoo.shell("./moved/zoo predict '\(wide)'")
    complete.expectSuccess()
    #expect(complete.text.contains("Cardiomegaly"))
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    let model = try zoo.tinyModel()
    try zoo.folder.write([], as: "file")
    try FileManager.default.createDirectory(
      atPath: zoo.folder.file("folder/inner"), withIntermediateDirectories: true)
    let before = zoo.files
    for output in ["folder", "file/out"] {
      try zoo("convert", ZooFixtures.path("parallel.zip.pt"), "-o", output)
        .expectOnlyError(naming: output)
      try zoo("features", "--model", model, "-o", output, wide).expectOnlyError(naming: output)
    }
    try zoo("run", model, "--input", arrays, "--output-dir", "file").expectOnlyError(naming: "file")
    try zoo("run", model, "--input", arrays, "--output-dir", "file/x")
      .expectOnlyError(naming: "file/x")
    try zoo(
      "fetch", "tiny", "--from", ZooFixtures.path("parallel.zip.pt"),
      environment: ["ZOO_CACHE": zoo.folder.file("file/cache")]
    ).expectOnlyError(naming: "file/cache")
    #expect(zoo.files == before)
    #expect(zoo.folder.names == ["file", "folder", "tiny.safetensors"])
  }

  /// Renaming a finished file over a pipe or a device would do away with it.
  @Test func pipesAndDevicesAreNotReplaced() throws {
    let model = try zoo.tinyModel()
    let pipe = zoo.folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: zoo.folder.file("link"), withDestinationPath: pipe)
    for output in ["pipe", "link"] {
      try zoo("convert", ZooFixtures.path("parallel.zip.pt"), "-o", output)
        .expectOnlyError(naming: "\(output): is no regular file")
      try zoo("features", "--model", model, "-o", output, wide)
        .expectOnlyError(naming: "\(output): is no regular file")
    }
    var status = stat()
    #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    #expect(zoo.folder.names == ["link", "pipe", "tiny.safetensors"])
  }

  /// A link to a file stays one, as with every other program.
  @Test func aLinkedFileIsWrittenWhereItIs() throws {
    let model = try zoo.tinyModel()
    try zoo.folder.write([1], as: "target")
    try FileManager.default.createSymbolicLink(
      atPath: zoo.folder.file("link"), withDestinationPath: "target")
    for arguments in [
      ["convert", ZooFixtures.path("parallel.zip.pt"), "-o", "link"],
      ["features", "--model", model, "-o", "link", wide],
    ] {
      try zoo.run(arguments).expectSuccess()
      let kind = try FileManager.default.attributesOfItem(atPath: zoo.folder.file("link"))[.type]
      #expect(kind as? FileAttributeType == .typeSymbolicLink)
    }
    #expect(
      try String(contentsOfFile: zoo.folder.file("target"), encoding: .utf8).hasPrefix("[\n"))
  }

  @Test func aWriteProtectedFolderIsNamed() throws {
    guard geteuid() != 0 else {
      print("skipped: nothing is write-protected for root")
      return
    }
    let locked = zoo.folder.file("locked")
    try FileManager.default.createDirectory(
      atPath: locked, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o555])
    try zoo("convert", ZooFixtures.path("parallel.zip.pt"), "-o", "locked/out")
      .expectOnlyError(naming: "locked/out")
  }

  /// A limit on the size of files stands for a disk that is full: writing ends the same way.
  @Test func aFullDiskLeavesNothingBehind() throws {
    let model = try zoo.tinyModel()
    let before = zoo.files
    let checkpoint = ZooFixtures.path("parallel.zip.pt")
    // XFSZ ignored, as a write would otherwise be answered by that signal. Units of 512 bytes.
    let limit = "trap '' XFSZ; ulimit -f 1; exec \"$ZOO\""
    try zoo.shell("\(limit) convert '\(checkpoint)' -o out.safetensors 2>&1 | cat >&2")
      .expectOneLine(naming: "out.safetensors")
    try zoo.shell(
      "\(limit) features --model '\(model)' \(arguments(60)) -o out.json 2>&1 | cat >&2"
    )
    .expectOneLine(naming: "out.json", among: "A toy")
    try zoo.shell("\(limit) run '\(model)' --input '\(arrays)' --output-dir . 2>&1 | cat >&2")
      .expectOneLine(naming: "featureMap.npy")
    #expect(zoo.files == before)
  }

  private func arguments(_ count: Int) -> String {
    Array(repeating: "'\(wide)'", count: count).joined(separator: " ")
  }

  @Test func standardOutputThatTakesNothingIsAnError() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else {
      print("skipped: this system has no /dev/full")
      return
    }
    let model = try zoo.tinyModel()
    for command in [
      "list", "info tiny", "inspect \(model)", "verify \(model)",
      "predict --format csv --model \(model) \(wide)",
    ] {
      let run = try zoo.shell("\"$ZOO\" \(command) > /dev/full")
      run.expectOnlyError(naming: "standard output")
    }
  }

  @Test func aReaderThatLeavesIsNoCrash() throws {
    let model = try zoo.tinyModel()
    let run = try zoo.shell(
      "\"$ZOO\" predict --format csv --model '\(model)' \(arguments(40)) | head -1")
    #expect(run.lines == ["image,model,Edema,Lung Opacity,Mass,\"Effusion, \"\"left\"\"\",error"])
    #expect(run.errors.isEmpty)
    let list = try zoo.shell("{ \"$ZOO\" list; } | head -1")
    #expect(list.lines.count == 1 && list.errors.isEmpty)
  }

  @Test func anOutputNeverReplacesAnInput() throws {
    let model = try zoo.tinyModel()
    let image = try zoo.folder.copy("wide.png", as: "wide.png")
    let array = try zoo.folder.copy("images.npy", as: "logits.npy")
    let checkpoint = try zoo.folder.copy("plain.safetensors", as: "plain.safetensors")
    let paths = [model, image, array, checkpoint]
    let before = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    try zoo("features", "--model", model, "-o", "./wide.png", image)
      .expectOnlyError(naming: "wide.png")
    try zoo("features", "--model", model, "-o", model, image).expectOnlyError(naming: model)
    try zoo("run", model, "--input", "logits.npy", "--outputs", "logits", "--output-dir", ".")
      .expectOnlyError(naming: "logits.npy")
    try zoo("convert", checkpoint).expectOnlyError(naming: "plain.safetensors")
    try zoo("convert", checkpoint, "-o", checkpoint).expectOnlyError(naming: "plain.safetensors")
    #expect(try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == before)
  }

  @Test func namesOfAllKindsKeepToTheirLine() throws {
    let model = try zoo.tinyModel()
    let name = "größe\n胸 \"x\",\u{1b}[31m.png"
    try zoo.folder.copy("wide.png", as: name)
    let rows = try #require(
      try zoo("predict", "--model", model, "--format", "json", name).json() as? [[String: Any]])
    #expect(rows[0]["image"] as? String == name)
    #expect(try zoo("predict", "--model", model, "--format", "jsonl", name).lines.count == 1)
    let table = try zoo("predict", "--model", model, name).text
    #expect(table.hasPrefix("größe?胸 \"x\",?[31m.png   tiny-chest"))
    let csv = try zoo("predict", "--model", model, "--format", "csv", name).text
    #expect(csv.contains("\n\"größe\n胸 \"\"x\"\",\u{1b}[31m.png\",tiny-chest,"))
    let input = try zoo.folder.copy("parallel.zip.pt", as: "größe\n胸.pt")
    let run = try zoo("convert", input)
    run.expectSuccess()
    #expect(zoo.files.contains("größe\n胸.safetensors"))
  }
}

extension Zoo.Run {
  /// Expects a failure of one line and no result.
  fileprivate func expectOnlyError(
    naming name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectFailure(naming: name, sourceLocation: sourceLocation)
    #expect(output.isEmpty, sourceLocation: sourceLocation)
  }

  /// Expects one line of error, apart from the line with a known notice.
  fileprivate func expectOneLine(
    naming name: String, among notice: String = "\n",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let lines = errorLines.filter { !$0.contains(notice) }
    #expect(lines.count == 1, "\(errors)", sourceLocation: sourceLocation)
    #expect(lines.first?.contains(name) == true, "\(errors)", sourceLocation: sourceLocation)
  }
}
