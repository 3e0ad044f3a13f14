import Foundation
import Testing
import ZooFixtures

/// Images and arrays that cannot be used, and batches with one of them.
@Suite struct BadImageTests {
  private let zoo: Zoo
  private let model: String
  private let wide = ZooFixtures.path("wide.png")
  private let tall = ZooFixtures.path("tall.png")

  init() throws {
    zoo = try Zoo()
    model = try zoo.folder.copy("points.zip.pt", as: "model.pt")
  }

  @Test(arguments: ["missing", "folder", "empty", "text", "cut", "checkpoint", "ü\nx"])
  func oneBadImageIsOneLine(_ kind: String) throws {
    let name = kind + ".png"
    switch kind {
    case "missing": break
    case "folder":
      try FileManager.default.createDirectory(
        atPath: zoo.folder.file(name), withIntermediateDirectories: false)
    case "empty": try zoo.folder.write([], as: name)
    case "cut":
      let bytes = try Data(contentsOf: URL(fileURLWithPath: wide))
      try zoo.folder.write(bytes.prefix(bytes.count / 2), as: name)
    case "checkpoint": try zoo.folder.copy("linear.zip.pt", as: name)
    default: try zoo.folder.write("words".utf8, as: name)
    }
    let before = zoo.files
    let told = name.replacing("\n", with: "?")
    for format in ["table", "json", "jsonl", "csv"] {
      try zoo("predict", "--model", model, "--format", format, name).expectFailure(naming: told)
    }
    try zoo("features", "--model", model, name).expectFailure(naming: told)
    try zoo("features", "--model", model, "--format", "npy", name).expectFailure(naming: told)
    #expect(zoo.files == before)
  }

  @Test func aBatchKeepsTheOthersInEachFormat() throws {
    let images = [wide, "bad, \"one\".png", tall]
    func predict(_ format: String) throws -> Zoo.Run {
      let run = try zoo.run(["predict", "--model", model, "--format", format] + images)
      run.expectFailure(naming: "bad, \"one\".png")
      return run
    }
    let alone = try [wide, tall].map { image in
      try #require(
        try zoo("predict", "--model", model, "--format", "jsonl", image).lines.first)
    }

    let rows = try #require(try predict("json").json() as? [[String: Any]])
    #expect(rows.map { $0["image"] as? String } == images)
    #expect(rows[1]["predictions"] == nil)
    #expect((rows[1]["error"] as? String)?.contains("bad, \"one\".png") == true)
    #expect(rows[0]["error"] == nil && rows[2]["error"] == nil)

    let lines = try predict("jsonl").lines
    #expect(lines.count == 3)
    #expect(lines[0] == alone[0] && lines[2] == alone[1])

    let csv = try predict("csv").lines
    #expect(csv.count == 4)
    #expect(csv[0] == "image,model,output 0,output 1,output 2,output 3,output 4,error")
    #expect(csv[2].hasPrefix("\"bad, \"\"one\"\".png\",model,,,,,,\"bad, \"\"one\"\".png "))
    #expect(csv[3].hasPrefix(tall + ",model,"))

    let table = try predict("table").text
    #expect(table.contains("no result: "))
    #expect(table.components(separatedBy: "output 0").count == 3)

    let run = try zoo.run(
      ["features", "--model", model, "--format", "npy", "-o", "f.npy"] + images)
    run.expectFailure(naming: "bad, \"one\".png")
    let values = try NPY(zoo.folder.file("f.npy"))
    #expect(values.shape == "(3, 10)")
    #expect(values.floats[10..<20].allSatisfy { $0.isNaN })
    #expect((values.floats[..<10] + values.floats[20...]).allSatisfy { $0.isFinite })
  }

  @Test(arguments: [
    "missing", "folder", "empty", "text", "cut", "fortran", "object", "complex", "vector",
    "two-channels", "no-channel", "small", "tiny", "not-square", "flat",
  ])
  func badArraysAreOneLine(_ kind: String) throws {
    let name = kind + ".npy"
    switch kind {
    case "missing": break
    case "folder":
      try FileManager.default.createDirectory(
        atPath: zoo.folder.file(name), withIntermediateDirectories: false)
    case "empty": try zoo.folder.write([], as: name)
    case "text": try zoo.folder.write("words, words and words".utf8, as: name)
    case "cut":
      let bytes = try Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path("images.npy")))
      try zoo.folder.write(bytes.prefix(bytes.count / 2), as: name)
    case "two-channels": try zoo.folder.write(NPY.zeros(1, 2, 64, 64), as: name)
    case "no-channel": try zoo.folder.write(NPY.zeros(1, 0, 64, 64), as: name)
    case "small": try zoo.folder.write(NPY.zeros(1, 1, 4, 4), as: name)
    case "tiny": try zoo.folder.write(NPY.zeros(1, 1, 1, 1), as: name)
    case "not-square": try zoo.folder.write(NPY.zeros(1, 1, 1, 640), as: name)
    case "flat": try zoo.folder.write(NPY.zeros(1, 1, 64, 0), as: name)
    default: try zoo.folder.copy("arrays/\(kind).npy", as: name)
    }
    let before = zoo.files
    for input in [name, "image=" + name] {
      try zoo("run", model, "--input", input, "--output-dir", "out").expectFailure(naming: name)
    }
    #expect(zoo.files == before)
    let fixed = try zoo("run", model, "--input", name, "--output-dir", "o", "--fix-resolution")
    #expect(!fixed.wasKilled)
    if fixed.code != 0 { fixed.expectFailure(naming: name) }
  }

  @Test func manyImagesInOneCallGetTheSameNumbers() throws {
    let images = Array(repeating: [wide, tall], count: 50).flatMap { $0 }
    let run = try zoo.run(["predict", "--model", model, "--format", "jsonl"] + images)
    run.expectSuccess()
    #expect(run.lines.count == 100)
    #expect(Set(run.lines).count == 2)
  }
}
