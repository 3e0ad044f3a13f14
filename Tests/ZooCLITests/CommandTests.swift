import Foundation
import Testing
import ZooFixtures

/// Every verb where nothing is wrong.
@Suite struct CommandTests {
  private let zoo: Zoo
  private let answers: Answers
  private let wide = ZooFixtures.path("wide.png")
  private let tall = ZooFixtures.path("tall.png")

  init() throws {
    zoo = try Zoo()
    answers = try ZooFixtures.answers()
  }

  /// Runs `zoo`, expects success and nothing on standard error.
  private func quiet(_ arguments: String...) throws -> Zoo.Run {
    let run = try zoo.run(arguments)
    run.expectSuccess()
    #expect(run.errors.isEmpty)
    return run
  }

  @Test func listShowsEveryModelAndWhetherItIsCached() throws {
    /// All but what is built in.
    func rows() throws -> [[String: Any]] {
      try #require(try quiet("list", "--format", "json").json() as? [[String: Any]])
        .filter { $0["name"] as? String != "demo" }
    }
    let before = try rows()
    #expect(before.contains { $0["name"] as? String == "chexpert-densenet121-ensemble" })
    #expect(before.allSatisfy { $0["cached"] as? Bool == false })
    try zoo("fetch", "tiny", "--from", ZooFixtures.path("parallel.zip.pt")).expectSuccess()
    let cached = try rows().filter { $0["cached"] as? Bool == true }
    #expect(cached.map { $0["name"] as? String } == ["tiny-chest"])
    #expect(cached.first?["aliases"] as? [String] == ["tiny"])
    #expect(cached.first?["resolution"] as? Int == 64)
    #expect(
      cached.first?["labels"] as? [String]
        == ["Edema", "Lung Opacity", "Mass", "Effusion, \"left\""])
    let lines = try quiet("list").lines.filter { !$0.hasPrefix("demo ") }
    #expect(lines.count == before.count + 1)
    #expect(lines[0].hasPrefix("MODEL "))
    #expect(lines.contains { $0.hasPrefix("tiny-chest ") && $0.hasSuffix(" yes") })
  }

  @Test func infoShowsOneEntryWhole() throws {
    let info = try #require(
      try quiet("info", "tiny", "--format", "json").json() as? [String: Any])
    #expect(info["name"] as? String == "tiny-chest")
    #expect(info["cached"] as? Bool == false)
    #expect((info["operatingPoints"] as? [Any])?.count == 5)
    let text = try quiet("info", "tiny").text
    #expect(text.contains("\n0       Edema             0.2\n"))
    #expect(text.contains("\n2       (not trained)     0.35\n"))
    #expect(text.contains("\n3       Mass              none\n"))
    #expect(text.contains("A toy: its numbers mean nothing."))
    #expect(text.contains("https://example.org/weights/tiny-chest.pt"))
  }

  @Test func fetchCachesAndSaysWhere() throws {
    let run = try quiet("fetch", "tiny", "--from", ZooFixtures.path("module.legacy.pt"))
    let path = zoo.folder.file("cache/tiny-chest.safetensors")
    #expect(run.text == path + "\n")
    #expect(zoo.files == ["cache/tiny-chest.safetensors"])
    #expect(try quiet("verify", path).lines == ["\(path): every byte checks"])
    let again = try zoo("fetch", "tiny")
    again.expectSuccess()
    #expect(again.output.isEmpty)
    #expect(again.errors == "zoo: tiny is cached already\n")
    // Another file than the published one is taken if it is named, and told.
    let other = try zoo("fetch", "tiny", "--from", ZooFixtures.path("module.zip.pt"))
    other.expectSuccess()
    #expect(other.errors.contains("module.zip.pt is not the published file of tiny-chest"))
  }

  @Test func theCacheFolderFollowsTheEnvironment() throws {
    let file = ZooFixtures.path("module.legacy.pt")
    let cases: [(environment: [String: String], folder: String)] = [
      (["ZOO_CACHE": zoo.folder.file("mine")], "mine"),
      (["ZOO_CACHE": "", "XDG_CACHE_HOME": zoo.folder.file("xdg")], "xdg/xrayzoo"),
      (["ZOO_CACHE": "", "XDG_CACHE_HOME": "relative"], "home/.cache/xrayzoo"),
      (["ZOO_CACHE": ""], "home/.cache/xrayzoo"),
    ]
    for (environment, folder) in cases {
      let run = try zoo("fetch", "tiny", "--from", file, environment: environment)
      run.expectSuccess()
      #expect(run.text == zoo.folder.file(folder) + "/tiny-chest.safetensors\n")
    }
    #expect(zoo.files.filter { $0.contains("relative") }.isEmpty)
  }

  @Test func convertPrintsTheFileItWrote() throws {
    let input = try zoo.folder.copy("parallel.zip.pt", as: "my model.pt")
    let run = try zoo("convert", input)
    run.expectSuccess()
    #expect(run.text == zoo.folder.file("my model.safetensors") + "\n")
    #expect(run.errorLines.allSatisfy { $0.hasPrefix("zoo: ") })
    #expect(run.errors.contains("pytorch-zip-state-dict"))
    #expect(run.errors.contains("--as MODEL"))
    #expect(zoo.files == ["my model.pt", "my model.safetensors"])
    let small = try zoo("convert", input, "-o", "small.safetensors", "--dtype", "bf16")
    small.expectSuccess()
    #expect(small.text == "small.safetensors\n")
    let loss = String(format: "%.3g", answers.bf16.loss)
    #expect(small.errors.contains("to BF16: at most \(loss) absolute"))
    let half = try zoo("convert", input, "-o", "half.safetensors", "--dtype", "f16")
    half.expectSuccess()
    #expect(half.errors.contains("features.norm0.running_var"))
    #expect(!half.errors.contains("inf"))
  }

  @Test func inspectShowsTensorsOfAnyFile() throws {
    for (file, kind) in [
      ("module.legacy.pt", "pytorch-legacy-module"), ("plain.safetensors", "safetensors"),
      ("linear.zip.pt", "pytorch-zip-state-dict"),
    ] {
      let report = try #require(
        try quiet("inspect", ZooFixtures.path(file), "--format", "json").json() as? [String: Any])
      #expect(report["kind"] as? String == kind)
      let tensors = try #require(report["tensors"] as? [[String: Any]])
      let architecture = report["architecture"] as? [String: Any]
      #expect(architecture?["id"] as? String == (file == "linear.zip.pt" ? nil : "densenet"))
      #expect((report["mismatch"] is NSNull) == (file != "linear.zip.pt"))
      for (name, expected) in answers.tensors where file != "linear.zip.pt" {
        let tensor = tensors.first { $0["name"] as? String == name }
        #expect(tensor?["shape"] as? [Int] == expected.shape)
        #expect(tensor?["dtype"] as? String == "F32")
      }
    }
    let table = try quiet("inspect", ZooFixtures.path("linear.zip.pt")).text
    #expect(table.contains("not recognised"))
    #expect(table.contains("F32   2×3    weight"))
  }

  @Test func predictGivesTheNumbersOfTheReferenceInOrder() throws {
    let model = try zoo.tinyModel()
    let rows = try #require(
      try quiet("predict", "--model", model, "--format", "json", tall, wide).json()
        as? [[String: Any]])
    #expect(rows.map { $0["image"] as? String } == [tall, wide])
    #expect(rows.map { $0["model"] as? String } == ["tiny-chest", "tiny-chest"])
    let labels = ["Edema", "Lung Opacity", nil, "Mass", "Effusion, \"left\""]
    for (row, image) in zip(rows, [1, 0]) {
      let predictions = try #require(row["predictions"] as? [String: Double])
      #expect(predictions.count == 4)
      for (output, label) in labels.enumerated() {
        guard let label else { continue }
        let expected = Double(answers.gray.calibrated[image * 5 + output])
        #expect(abs(try #require(predictions[label]) - expected) < 1e-5)
      }
    }
    // The model's order, which a parsed object does not show.
    let line = try quiet("predict", "--model", model, "--format", "jsonl", wide).text
    let places = labels.compactMap { $0 }.compactMap { label in
      line.firstRange(of: "\"\(label.replacing("\"", with: "\\\""))\":")?.lowerBound
    }
    #expect(places.count == 4 && places == places.sorted())
    let csv = try quiet("predict", "--model", model, "--format", "csv", wide).lines
    #expect(csv[0] == "image,model,Edema,Lung Opacity,Mass,\"Effusion, \"\"left\"\"\",error")
    #expect(csv[1].hasPrefix("\(wide),tiny-chest,0.71753") && csv[1].hasSuffix(","))
    let logits = try quiet(
      "predict", "--model", model, "--output", "logit", "--format", "csv", tall
    ).lines[1].split(separator: ",").dropFirst(2).compactMap { Float($0) }
    for (found, output) in zip(logits, [0, 1, 3, 4]) {
      #expect(abs(found - answers.gray.logits[5 + output]) < 1e-4)
    }
  }

  @Test func theTableIsForPeople() throws {
    let model = try zoo.tinyModel()
    let lines = try quiet("predict", "--model", model, wide).lines
    #expect(lines[0] == "\(wide)   tiny-chest, calibrated")
    #expect(lines[1].hasPrefix("  Edema             0.7175  ▇"))
    #expect(lines[2].hasPrefix("  Mass              0.5000  ▇"))
    #expect(lines.suffix(2).first == "A toy: its numbers mean nothing.")
    #expect(lines.last?.contains("not a medical device") == true)
    // Numbers of either sign stand under each other.
    let logits = try quiet("predict", "--model", model, "--output", "logit", wide).lines
    let ends = logits[1...4].map { line in line.prefix { $0 != "." }.count }
    #expect(Set(ends).count == 1)
  }

  @Test func featuresAreThoseOfTheReference() throws {
    let model = try zoo.tinyModel()
    let run = try zoo("features", "--model", model, "--format", "npy", wide, tall)
    run.expectSuccess()
    let values = try NPY(run.output)
    #expect(values.shape == "(2, 10)")
    for (found, expected) in zip(values.floats, answers.gray.features) {
      #expect(abs(found - expected) < 1e-4)
    }
    let toFile = try zoo("features", "--model", model, "--format", "npy", "-o", "f.npy", wide, tall)
    toFile.expectSuccess()
    #expect(toFile.output.isEmpty)
    #expect(try Data(contentsOf: URL(fileURLWithPath: zoo.folder.file("f.npy"))) == run.output)
    let rows = try #require(
      try zoo("features", "--model", model, wide, tall).json() as? [[String: Any]])
    let json = try rows.flatMap { try #require($0["features"] as? [Double]) }
    #expect(json.map { Float($0) } == values.floats)
  }

  /// Names that would be one file's, or lead out of the folder.
  @Test func runWritesEachOutputOfAGraphToAFileOfItsOwn() throws {
    let input = ZooFixtures.path("images.npy")
    let run = try zoo(
      "run", ZooFixtures.path("graphs/names.onnx"), "--input", input, "--output-dir", "o")
    run.expectSuccess()
    #expect(zoo.files == ["o/A_b.npy", "o/_.._c.npy", "o/a_b-2.npy", "o/a_b-3.npy"])
    let pixels = try NPY(input).floats
    #expect(try NPY(zoo.folder.file("o/A_b.npy")).floats == pixels.map { max($0, 0) })
    #expect(try NPY(zoo.folder.file("o/a_b-2.npy")).floats == pixels.map(abs))
    #expect(try NPY(zoo.folder.file("o/a_b-3.npy")).floats == pixels.map { -$0 })
    #expect(try NPY(zoo.folder.file("o/_.._c.npy")).floats == pixels)
  }

  @Test func runWritesEachOutput() throws {
    let model = ZooFixtures.path("points.zip.pt")
    let input = ZooFixtures.path("images.npy")
    let run = try zoo("run", model, "--input", input, "--output-dir", "a/b")
    run.expectSuccess()
    #expect(zoo.files == ["a/b/featureMap.npy", "a/b/features.npy", "a/b/logits.npy"])
    for (name, expected) in [
      ("logits", answers.gray.logits), ("features", answers.gray.features),
      ("featureMap", answers.gray.featureMap ?? []),
    ] {
      let values = try NPY(zoo.folder.file("a/b/\(name).npy")).floats
      #expect(values.count == expected.count)
      for (found, expected) in zip(values, expected) { #expect(abs(found - expected) < 1e-4) }
    }
    let one = try zoo(
      "run", model, "--input", "image=" + input, "--outputs", "logits", "--output-dir", "c")
    one.expectSuccess()
    #expect(zoo.files.filter { $0.hasPrefix("c/") } == ["c/logits.npy"])
    #expect(one.lines.count == 2)
    let colour = try zoo(
      "run", ZooFixtures.path("colour.legacy.pt"), "--input", input, "--outputs", "logits",
      "--output-dir", "d")
    colour.expectSuccess()
    let logits = try NPY(zoo.folder.file("d/logits.npy")).floats
    for (found, expected) in zip(logits, answers.colour.logits) {
      #expect(abs(found - expected) < 1e-4 * 4)
    }
  }

  @Test func fixResolutionIsThatOfTheReference() throws {
    let model = try zoo.tinyModel()
    try zoo(
      "run", model, "--input", ZooFixtures.path("larger.npy"), "--fix-resolution", "--outputs",
      "logits", "--output-dir", "o"
    ).expectSuccess()
    let logits = try NPY(zoo.folder.file("o/logits.npy")).floats
    #expect(logits.count == 5)
    for (found, expected) in zip(logits, answers.fixed.logits) {
      #expect(abs(found - expected) < 1e-4)
    }
  }

  @Test func benchReportsWhatTheContractNames() throws {
    let model = try zoo.tinyModel()
    let report = try #require(
      try quiet("bench", model, "--runs", "3", "--batch", "2", "--layers", "--format", "json")
        .json()
        as? [String: Any])
    #expect(report["input"] as? [Int] == [2, 1, 64, 64])
    #expect(report["model"] as? String == "tiny-chest")
    let median = try #require(report["medianMilliseconds"] as? Double)
    let minimum = try #require(report["minimumMilliseconds"] as? Double)
    let speed = try #require(report["imagesPerSecond"] as? Double)
    #expect(minimum > 0 && minimum <= median)
    #expect(abs(speed * median / 2000 - 1) < 1e-9)
    #expect((report["layers"] as? [Any])?.isEmpty == false)
    #expect(try quiet("bench", model, "--runs", "2").text.contains("images/s"))
  }

  @Test func bfloat16IsTheCallersChoice() throws {
    let model = try zoo.tinyModel()
    func predictions(_ arguments: String...) throws -> [[String: Double]] {
      let run = try zoo.run(
        ["predict", "--model", model, "--format", "json"] + arguments + [tall, wide])
      run.expectSuccess()
      let rows = try #require(run.json() as? [[String: Any]])
      return try rows.map { try #require($0["predictions"] as? [String: Double]) }
    }
    let float32 = try predictions()
    #expect(try predictions("--precision", "f32") == float32)
    let bfloat16 = try predictions("--precision", "bf16")
    #expect(bfloat16 != float32)
    let labels = ["Edema": 0, "Lung Opacity": 1, "Mass": 3, "Effusion, \"left\"": 4]
    for (found, image) in zip(bfloat16, [1, 0]) {
      #expect(Set(found.keys) == Set(labels.keys))
      for (label, output) in labels {
        let expected = Double(answers.gray.calibrated[image * 5 + output])
        #expect(abs(try #require(found[label]) - expected) < 0.02)
      }
    }
    let report = try #require(
      try quiet("bench", model, "--runs", "2", "--precision", "bf16", "--format", "json").json()
        as? [String: Any])
    #expect(report["precision"] as? String == "bf16")
    let usual = try #require(
      try quiet("bench", model, "--runs", "2", "--format", "json").json() as? [String: Any])
    #expect(usual["precision"] as? String == "f32")
  }

  @Test func benchTellsTheWaysOfConvolutions() throws {
    let model = try zoo.tinyModel()
    func layers(_ arguments: String...) throws -> [[String: Any]] {
      let run = try zoo.run(
        ["bench", model, "--runs", "1", "--layers", "--format", "json"] + arguments)
      run.expectSuccess()
      let report = try #require(run.json() as? [String: Any])
      return try #require(report["layers"] as? [[String: Any]])
    }
    // Every way that a 1x1 or 3x3 convolution over blocks may take, and the first over planes.
    let ways: Set = ["pointwise", "direct", "winograd", "planar", "matrix"]
    var seen = Set<String>()
    for layer in try layers("--all") {
      let others = try #require(layer["otherPaths"] as? [String: Double])
      guard layer["op"] as? String == "convolution" else {
        #expect(others.isEmpty)
        continue
      }
      let path = try #require(layer["path"] as? String)
      #expect(ways.contains(path))
      #expect(others[path] == nil && ways.isSuperset(of: others.keys))
      #expect(others.values.allSatisfy { $0 >= 0 && $0.isFinite })
      seen.formUnion([path] + others.keys)
    }
    #expect(seen == ways)
    #expect(try layers().allSatisfy { ($0["otherPaths"] as? [String: Double])?.isEmpty == true })
  }
}
