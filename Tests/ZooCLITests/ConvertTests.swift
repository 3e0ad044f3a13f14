import Foundation
import Testing
import ZooFixtures

/// `zoo convert` on tensors of no known network, and what it reports.
@Suite struct ConvertTests {
  private let zoo: Zoo

  init() throws { zoo = try Zoo() }

  private static let mixed = ZooFixtures.path("conversions/mixed.zip.pt")

  @Test func oneLineSaysThatItIsNoModel() throws {
    let run = try zoo("convert", Self.mixed, "-o", "out.safetensors")
    run.expectSuccess()
    #expect(run.text == "out.safetensors\n")
    #expect(run.errorLines.filter { $0.contains("zoo run cannot run it") }.count == 1)
    #expect(run.errors.contains("tied.input, tied.output share values"))
    #expect(!run.errors.contains("rounded"))
    let attempt = try zoo(
      "run", "./out.safetensors", "--input", ZooFixtures.path("images.npy"), "--output-dir", "o")
    attempt.expectFailure(naming: "out.safetensors")
  }

  @Test func theWorstLossesAreTold() throws {
    let run = try zoo("convert", Self.mixed, "-o", "out.safetensors", "--dtype", "f16")
    run.expectSuccess()
    let expected = try #require(ZooFixtures.conversions().tensors["F16"])
    let rounded = expected.filter { $0.value.loss != nil }
    let total = "zoo: rounded \(rounded.count) tensors to F16: at most 15 absolute, 1 relative"
    let place = try #require(run.errorLines.firstIndex(of: total))
    #expect(
      run.errorLines[place + 1] == "zoo:   edge.fits: at most 15 absolute, 0.000229 relative")
    #expect(run.errorLines.filter { $0.hasPrefix("zoo:   ") }.count == 3)
    #expect(
      run.errors.contains(
        "not rounded, too large for F16: edge.overflows, edge.huge, double.huge and 1 more"))
  }

  @Test func jsonListsEveryTensor() throws {
    let run = try zoo(
      "convert", Self.mixed, "-o", "out.safetensors", "--dtype", "bf16", "--format", "json")
    run.expectSuccess()
    let report = try #require(run.json() as? [String: Any])
    #expect(report["output"] as? String == "out.safetensors")
    #expect(report["network"] is NSNull && report["sourceSHA256"] is NSNull)
    #expect(report["sourceKind"] as? String == "pytorch-zip-state-dict")
    let size = try FileManager.default.attributesOfItem(atPath: zoo.folder.file("out.safetensors"))
    #expect(report["bytes"] as? Int == size[.size] as? Int)
    let expected = try #require(ZooFixtures.conversions().tensors["BF16"])
    let before = try #require(ZooFixtures.conversions().tensors["none"])
    let tensors = try #require(report["tensors"] as? [[String: Any]])
    #expect(tensors.count == expected.count)
    // JSONSerialization misses some numbers by their last bit, JSONDecoder does not.
    let losses = try JSONDecoder().decode(Losses.self, from: run.output)
    var worst = [0.0, 0.0]
    for (tensor, read) in zip(tensors, losses.tensors) {
      let name = try #require(tensor["name"] as? String)
      let answer = try #require(expected[name])
      #expect(tensor["dtype"] as? String == answer.dtype)
      #expect(tensor["sourceDtype"] as? String == before[name]?.dtype)
      #expect(tensor["shape"] as? [Int] == answer.shape)
      #expect(read.rounding.map { [$0.absolute, $0.relative] } == answer.loss, "\(name)")
      if let loss = answer.loss { worst = zip(worst, loss).map { max($0, $1) } }
    }
    #expect([losses.rounding.absolute, losses.rounding.relative] == worst)
  }

  private struct Losses: Decodable {
    struct Loss: Decodable {
      let absolute: Double
      let relative: Double
    }
    struct Stored: Decodable { let rounding: Loss? }
    let rounding: Loss
    let tensors: [Stored]
  }

  @Test func jsonNamesTheNetwork() throws {
    let run = try zoo(
      "convert", ZooFixtures.path("module.legacy.pt"), "-o", "out.safetensors", "--format", "json")
    run.expectSuccess()
    let report = try #require(run.json() as? [String: Any])
    let network = try #require(report["network"] as? [String: Any])
    #expect(network["model"] as? String == "tiny-chest")
    #expect((network["architecture"] as? [String: Any])?["id"] as? String == "densenet")
    // The manifest of the fixtures has it from hashlib.
    let manifest = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path("manifest.json"))))
        as? [String: Any])
    let source = (manifest["models"] as? [[String: Any]])?.first?["source"] as? [String: Any]
    #expect(report["sourceSHA256"] as? String == source?["sha256"] as? String)
    #expect(source?["sha256"] != nil)
  }

  @Test func aNearMissIsToldInLinesUnlessPlain() throws {
    let path = ZooFixtures.path("far-miss.legacy.pt")
    let run = try zoo("convert", path, "-o", "out.safetensors")
    run.expectFailure(naming: "far-miss.legacy.pt", lines: 12)
    #expect(run.output.isEmpty && zoo.files.isEmpty)
    #expect(run.errorLines.allSatisfy { $0.hasPrefix("zoo: ") })
    #expect(run.errorLines[0].contains("zoo convert --plain"))
    #expect(run.errorLines[1] == "zoo:   features.norm0.weight is missing")
    #expect(run.errorLines[11] == "zoo:   and 3 more")
    try zoo("convert", path, "-o", "out.safetensors", "--plain").expectSuccess()
    #expect(zoo.files == ["out.safetensors"])
  }

  @Test func theKeyChooses() throws {
    let path = ZooFixtures.path("conversions/keys.zip.pt")
    for key in ["ema", "model"] {
      let run = try zoo("convert", path, "--key", key, "-o", "\(key).safetensors")
      run.expectSuccess()
      #expect(run.errors.contains("found under: \(key)\n"))
      let report = try zoo("inspect", path, "--key", key)
      report.expectSuccess()
      #expect(report.text.contains("found under     \(key)\n"))
    }
    let files = try ["ema", "model"].map { key in
      try Data(contentsOf: URL(fileURLWithPath: zoo.folder.file("\(key).safetensors")))
    }
    #expect(files[0] != files[1])
    let run = try zoo("convert", path, "--key", "emma", "-o", "x.safetensors")
    run.expectFailure(naming: "did you mean “ema”")
  }

  /// A file of 300 MB goes through with fewer than 200 MB of its own for everything.
  @Test func largeFilesAreNotCopied() throws {
    let header = #"{"w":{"dtype":"F32","shape":[75000000],"data_offsets":[0,300000000]}}"#
    let start = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    let path = try zoo.folder.write(start + header.utf8, as: "large.safetensors")
    // The values are a hole in the file: zeros that take no disk.
    #expect(truncate(path, off_t(8 + header.utf8.count + 300_000_000)) == 0)
    let run = try zoo.shell(
      "ulimit -d 200000; $ZOO convert large.safetensors -o out.safetensors --dtype bf16")
    run.expectSuccess()
    #expect(run.errors.contains("plain safetensors, 1 tensor, 150.0 MB"))
    let report = try zoo.shell("ulimit -d 200000; $ZOO inspect --verify out.safetensors")
    report.expectSuccess()
    #expect(report.text.contains("1, 75000000 parameters, 150.0 MB"))
  }
}
