import Foundation
import Testing
import ZooFixtures

/// `zoo export` as its users run it.
@Suite struct ExportCommandTests {
  @Test func peopleSeeATableOfOutputs() throws {
    let zoo = try Zoo()
    let model = try zoo.tinyModel()
    let run = try zoo("export", model, "-o", "out.onnx")
    run.expectSuccess()
    #expect(run.lines[0].hasPrefix("OUTPUT"))
    #expect(run.lines.count == 4)
    #expect(run.lines[1].hasPrefix("logits") && run.lines[1].contains("batch×5"))
    #expect(run.errors.contains("image [batch×1×height×width]"))
    #expect(run.errors.contains("licence: ") && run.errors.contains("not a medical device"))
    #expect(zoo.files.contains("out.onnx"))
  }

  @Test func programsSeeOneDocument() throws {
    let zoo = try Zoo()
    let model = try zoo.tinyModel()
    let run = try zoo(
      "export", model, "-o", "out.onnx", "--outputs", "features, logits", "--fixed-size",
      "--opset", "20", "--format", "json")
    run.expectSuccess()
    #expect(run.errors.isEmpty)
    let report = try #require(try run.json() as? [String: Any])
    #expect(report["file"] as? String == "out.onnx")
    #expect(report["model"] as? String == "tiny-chest")
    #expect(report["opset"] as? Int == 20)
    #expect(report["externalData"] is NSNull)
    let inputs = try #require(report["inputs"] as? [[String: Any]])
    let shape = try #require(inputs.first?["shape"] as? [Any])
    #expect(shape.map { "\($0)" } == ["batch", "1", "64", "64"])
    let outputs = try #require(report["outputs"] as? [[String: Any]])
    #expect(outputs.map { $0["name"] as? String } == ["features", "logits"])
    let size = try Data(contentsOf: URL(fileURLWithPath: zoo.folder.file("out.onnx"))).count
    #expect(report["bytes"] as? Int == size)
    #expect((report["disclaimer"] as? String)?.contains("not a medical device") == true)
  }

  @Test func fileIsNamedAfterTheModel() throws {
    let zoo = try Zoo()
    let model = try zoo.tinyModel()
    try zoo("export", model).expectSuccess()
    #expect(zoo.files.contains("tiny-chest.onnx"))
  }

  @Test func failuresAreOneLine() throws {
    let zoo = try Zoo()
    let model = try zoo.tinyModel()
    let before = zoo.files
    try zoo("export", model, "-o", ".").expectFailure(naming: "is a folder")
    try zoo("export", model, "-o", model).expectFailure(naming: "replace the input")
    try zoo("export", model, "-o", "x.onnx", "--outputs", "logit")
      .expectFailure(naming: "did you mean logits?")
    try zoo("export", model, "-o", "no/x.onnx").expectFailure(naming: "there is no folder")
    try zoo("export", model, "-o", "x.onnx", "--size", "1").expectFailure(naming: "too small")
    try zoo("export", "none.pt", "-o", "x.onnx").expectFailure(naming: "none.pt")
    let full = try zoo.shell("ulimit -f 4; trap '' XFSZ; \"$ZOO\" export \(model) -o x.onnx")
    full.expectFailure(naming: "cannot be written")
    #expect(zoo.files == before)
  }
}
