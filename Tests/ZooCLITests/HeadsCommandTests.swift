import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// `zoo predict` for classes that exclude each other, quantities, other operating points and
/// ensembles, beside PyTorch's numbers in `heads/expected.json`.
@Suite struct HeadsCommandTests {
  private let zoo: Zoo
  private let manifest = ZooFixtures.path("heads/manifest.json")
  private let wide = ZooFixtures.path("wide.png")
  private let tall = ZooFixtures.path("tall.png")
  /// By model and form, then by image, a number for each label.
  private let expected: [String: [[Double]]]

  init() throws {
    zoo = try Zoo()
    let data = try Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path("heads/expected.json")))
    expected = try JSONDecoder().decode([String: [[Double]]].self, from: data)
  }

  private func fetch(_ model: String, from file: String = "bare.pt") throws {
    try zoo(
      "fetch", model, "--from", ZooFixtures.path("heads/" + file), "--manifest", manifest
    ).expectSuccess()
  }

  private func predict(_ model: String, _ arguments: String...) throws -> Zoo.Run {
    try zoo.run(["predict", "--manifest", manifest, "--model", model] + arguments)
  }

  /// Objects of both images, one a line.
  private func rows(_ run: Zoo.Run) throws -> [[String: Any]] {
    run.expectSuccess()
    return try run.lines.map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func check(
    _ found: [Double], _ answer: String, image: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let values = try #require(expected[answer])[image]
    #expect(
      relativeDifference(found.map { Float($0) }, values.map { Float($0) }) < 1e-4,
      sourceLocation: sourceLocation)
  }

  @Test func exclusiveClassesShareOne() throws {
    try fetch("heads-exclusive")
    let rows = try rows(predict("heads-exclusive", "--format", "jsonl", wide, tall))
    #expect(rows.count == 2)
    for (index, row) in rows.enumerated() {
      let predictions = try #require(row["predictions"] as? [String: Double])
      #expect(predictions.count == 2 && row["unit"] == nil)
      #expect(abs(predictions.values.reduce(0, +) - 1) < 1e-6)
      try check(
        ["Frontal", "Lateral"].compactMap { predictions[$0] }, "exclusive probability",
        image: index)
    }
    let csv = try predict("heads-exclusive", "--format", "csv", wide, "none.png", tall)
    csv.expectFailure(naming: "none.png")
    try #require(csv.lines.count == 4)
    #expect(csv.lines[0] == "image,model,Frontal,Lateral,error")
    #expect(csv.lines[2].hasPrefix("none.png,heads-exclusive,,,"))
    for (line, index) in [(1, 0), (3, 1)] {
      let cells = csv.lines[line].split(separator: ",", omittingEmptySubsequences: false)
      #expect(cells.count == 5 && cells[4].isEmpty)
      try check(cells[2...3].compactMap { Double($0) }, "exclusive probability", image: index)
    }
    let table = try predict("heads-exclusive", wide)
    table.expectSuccess()
    #expect(table.lines[0] == "\(wide)   heads-exclusive, probability")
    // 0.55977 and 0.44023 of 30 blocks are 17 and 13.
    let bars = [17, 13].map { String(repeating: "▇", count: $0) }
    #expect(table.lines[1] == "  Frontal  0.5598  \(bars[0])")
    #expect(table.lines[2] == "  Lateral  0.4402  \(bars[1])")
    #expect(table.lines.count == 4 && table.lines[3].contains("not a medical device"))
    let told = try predict("heads-exclusive", "--output", "calibrated", wide)
    told.expectSuccess()
    #expect(
      told.errors
        == "zoo: heads-exclusive has no operating points: these are plain probabilities\n")
    #expect(told.output == table.output)
  }

  @Test func logarithmsOfProbabilitiesWithANotice() throws {
    try fetch("heads-race", from: "race.pt")
    let rows = try rows(predict("heads-race", "--format", "jsonl", tall))
    let predictions = try #require(rows.first?["predictions"] as? [String: Double])
    try check(
      ["Asian", "Black", "White"].compactMap { predictions[$0] }, "race probability", image: 1)
    let table = try predict("heads-race", wide)
    #expect(table.lines.suffix(2).first == "A race of toys.")
    #expect(table.lines.last?.contains("not a medical device") == true)
  }

  @Test func aQuantityHasItsUnit() throws {
    try fetch("heads-age")
    let json = try predict("heads-age", "--format", "json", wide, tall)
    json.expectSuccess()
    let rows = try #require(json.json() as? [[String: Any]])
    for (index, row) in rows.enumerated() {
      #expect(row["unit"] as? String == "years")
      let predictions = try #require(row["predictions"] as? [String: Double])
      #expect(predictions.count == 1)
      try check(Array(predictions.values), "age calibrated", image: index)
    }
    let line = try predict("heads-age", "--format", "jsonl", wide)
    #expect(try self.rows(line).first?["unit"] as? String == "years")
    let csv = try predict("heads-age", "--format", "csv", tall).lines
    try #require(csv.count == 2)
    #expect(csv[0] == "image,model,Age,error" && csv[1].hasPrefix("\(tall),heads-age,-0.1403"))
    let table = try predict("heads-age", wide)
    table.expectSuccess()
    #expect(table.lines[0] == "\(wide)   heads-age, years")
    #expect(table.lines[1] == "  Age  -0.1 years")
    #expect(table.lines[2] == "An age of a toy.")
    #expect(table.lines.count == 4 && table.lines[3].contains("not a medical device"))
    let told = try predict("heads-age", "--output", "calibrated", wide)
    #expect(told.errors == "zoo: heads-age has no operating points: these are years\n")
    for output in ["probability", "logit"] {
      let run = try predict("heads-age", "--output", output, wide)
      run.expectFailure(naming: "heads-age gives years and no \(output); leave --output out")
      #expect(run.output.isEmpty)
    }
  }

  @Test func otherOperatingPoints() throws {
    try fetch("heads-points")
    let labels = ["Edema", "Mass", "Hernia", "Nodule"]
    for (arguments, answer) in [
      ([], "points calibrated"), (["--operating-point", "ppv80"], "points ppv80"),
      (["--operating-point", "ppv80", "--output", "calibrated"], "points ppv80"),
      (["--output", "probability"], "points probability"),
    ] {
      let run = try zoo.run(
        ["predict", "--manifest", manifest, "--model", "heads-points", "--format", "jsonl"]
          + arguments + [wide, tall])
      for (index, row) in try rows(run).enumerated() {
        let predictions = try #require(row["predictions"] as? [String: Double])
        try check(labels.compactMap { predictions[$0] }, answer, image: index)
      }
    }
    let table = try predict("heads-points", "--operating-point", "ppv80", wide)
    #expect(table.lines[0] == "\(wide)   heads-points, calibrated by ppv80")
    #expect(table.lines[1].hasPrefix("  Hernia  0.6722  ▇"))
    try predict("heads-points", "--operating-point", "ppv8", wide).expectFailure(
      naming: "heads-points has no operating points \"ppv8\"; did you mean ppv80? known are ppv80")
    try predict("heads-points", "--operating-point", "ppv80", "--output", "logit", wide)
      .expectFailure(
        naming: "--operating-point calibrates; leave --output logit out", code: 64)
    try fetch("heads-exclusive")
    let none = try predict("heads-exclusive", "--operating-point", "ppv80", wide)
    none.expectFailure(naming: "heads-exclusive has no operating points \"ppv80\"\n")
    try predict("heads-points", "--members", "1", wide).expectFailure(
      naming: "is no ensemble of networks; leave --members out")
  }

  /// What `tools/fixtures/ensembles.py` writes.
  private struct Ensemble: Decodable {
    struct Outputs: Decodable { let probabilities: [Float] }

    let shape: [Int]
    let images: [Float]
    let all: Outputs
    let first: Outputs
  }

  @Test func anEnsembleOrItsFirstMembers() throws {
    let url = URL(fileURLWithPath: ZooFixtures.path("ensembles/expected.json"))
    let answers = try JSONDecoder().decode(Ensemble.self, from: Data(contentsOf: url))
    let manifest = try zoo.folder.write(
      """
      {"format": 1, "models": [{
        "name": "several", "architecture": {"id": "chexpert"},
        "source": {"kind": "pytorch-ensemble"},
        "input": {"resolution": 40, "channels": 3, "range": [-1024, 1024],
                  "scaling": {"to": [-2, 2]}},
        "labels": ["Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion"],
        "outputActivation": "none", "licence": "made for tests", "citations": [],
        "intendedUse": "tests"
      }]}
      """.utf8, as: "several.json")
    try zoo(
      "fetch", "several", "--manifest", manifest, "--from",
      ZooFixtures.path("ensembles/ensemble.zip")
    ).expectSuccess()
    let labels = ["Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion"]
    try zoo.folder.write(NPY.file(answers.shape, answers.images), as: "images.npy")
    let square = try Preprocessing(resolution: 40).apply(to: XRayImage(path: wide))
    try zoo.folder.write(NPY.file([1, 1, 40, 40], square), as: "square.npy")
    var found = [[Float]]()
    for (members, expected) in [(["--members", "1"], answers.first), ([], answers.all)] {
      func run(_ array: String) throws -> [Float] {
        try zoo.run(
          ["run", "several", "--manifest", manifest, "--input", array, "--output-dir", "o"]
            + members
        ).expectSuccess()
        return try NPY(zoo.folder.file("o/probabilities.npy")).floats
      }
      #expect(try relativeDifference(run("images.npy"), expected.probabilities) < 1e-5)
      let arguments = ["predict", "--manifest", manifest, "--model", "several"] + members
      let rows = try rows(zoo.run(arguments + ["--format", "jsonl", wide]))
      let predictions = try #require(rows.first?["predictions"] as? [String: Double])
      let values = labels.compactMap { predictions[$0] }.map { Float($0) }
      #expect(try values == run("square.npy"))
      let csv = try zoo.run(arguments + ["--format", "csv", wide]).lines
      try #require(csv.count == 2)
      #expect(csv[0] == "image,model," + labels.joined(separator: ",") + ",error")
      #expect(csv[1].split(separator: ",").dropFirst(2).compactMap { Float($0) } == values)
      let table = try zoo.run(arguments + [wide]).lines
      #expect(table[0] == "\(wide)   several, probability" && table.count == 7)
      found.append(values)
    }
    #expect(found[0] != found[1])
    for (arguments, sentence) in [
      (["--members", "3"], "the configuration's members is 3, must be from 1 to 2"),
      (["--output", "logit"], "several gives probabilities and no logit; leave --output out"),
    ] {
      try zoo.run(["predict", "--manifest", manifest, "--model", "several"] + arguments + [wide])
        .expectFailure(naming: sentence)
    }
  }
}
