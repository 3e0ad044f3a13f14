import Foundation
import GraphIR
import PSPNetPlugin
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

extension FilledModel {
  /// A network of five maps, of which the last finds nothing.
  fileprivate static var maps: Self {
    FilledModel(
      "maps",
      """
      "architecture": {"id": "pspnet"},
      "input": {"resolution": 64, "channels": 3, "range": [-1024, 1024], "scaling": {"to": [0, 1]}},
      "labels": ["Left Lung", "Right Lung", null, "Heart", "Spine / T1"],
      "outputActivation": "sigmoid", "notice": "Noise and no anatomy."
      """
    ) {
      let graph = try PSPNet.graph(.init(blocks: [1, 1, 1, 1], classCount: 5))
      var weights = CounterFill.weights(for: graph)
      // PyTorch's maps of both images reach from below 0 to above it with these, but for the last's.
      weights["classification.bias"] = Tensor(shape: [5], [3, 2, 2, 1, -5] as [Float])
      return weights
    }
  }
}

/// `zoo segment` where there are masks, each compared with what `zoo run` gives for the same square.
@Suite(FilledModel.maps) struct SegmentCommandTests {
  private let zoo: Zoo
  private let model = FilledModel.path
  private let wide = ZooFixtures.path("wide.png")

  init() throws { zoo = try Zoo() }

  /// What `zoo run` gives for the square that an image is seen as.
  private func maps(_ path: String, _ outputs: [String]) throws -> [String: [Float]] {
    let square = try Preprocessing(resolution: 64).apply(to: XRayImage(path: path))
    try zoo.folder.write(NPY.file([1, 1, 64, 64], square), as: "square.npy")
    try zoo(
      "run", model, "--input", "square.npy", "--outputs", outputs.joined(separator: ","),
      "--output-dir", "maps"
    ).expectSuccess()
    let values = try outputs.map { try NPY(zoo.folder.file("maps/\($0).npy")).floats }
    for name in ["square.npy", "maps"] {
      try FileManager.default.removeItem(atPath: zoo.folder.file(name))
    }
    return Dictionary(uniqueKeysWithValues: zip(outputs, values))
  }

  /// Pixels of one mask, counted one by one.
  private struct Counted {
    var places = [(x: Int, y: Int)]()

    init(_ samples: [UInt8], width: Int) {
      for (index, sample) in samples.enumerated() where sample == 255 {
        places.append((index % width, index / width))
      }
    }

    func expect(_ row: [String: Any], of pixels: Int) throws {
      #expect(row["areaPixels"] as? Int == places.count)
      // Foundation's JSON reader does not always give the double that is written.
      let fraction = try #require(row["areaFraction"] as? Double)
      #expect(abs(fraction - Double(places.count) / Double(pixels)) < 1e-15)
      guard !places.isEmpty else {
        #expect(row["centroid"] is NSNull && row["boundingBox"] is NSNull)
        #expect(row["meanProbability"] is NSNull)
        return
      }
      let (columns, rows) = (places.map(\.x), places.map(\.y))
      let centroid = try #require(row["centroid"] as? [String: Double])
      for (axis, values) in [("x", columns), ("y", rows)] {
        let mean = Double(values.reduce(0, +)) / Double(values.count)
        #expect(abs(try #require(centroid[axis]) - mean) < 1e-9)
      }
      let (left, top) = (try #require(columns.min()), try #require(rows.min()))
      let (right, bottom) = (try #require(columns.max()), try #require(rows.max()))
      #expect(
        row["boundingBox"] as? [String: Int]
          == ["x": left, "y": top, "width": right - left + 1, "height": bottom - top + 1])
    }
  }

  /// Labels that the model has, with their outputs and files.
  private static let structures = [
    ("Left Lung", 0, "left-lung"), ("Right Lung", 1, "right-lung"), ("Heart", 3, "heart"),
    ("Spine / T1", 4, "spine-t1"),
  ]

  @Test func masksAndNumbersAreThoseOfTheMaps() throws {
    let maps = try maps(wide, ["masks", "probabilities"])
    let (masks, probabilities) = try (
      #require(maps["masks"]), #require(maps["probabilities"])
    )
    let run = try zoo("segment", "--model", model, "-o", "out", "--format", "json", wide)
    run.expectSuccess()
    #expect(run.errors.isEmpty)
    #expect(
      zoo.files
        == [
          "out/heart.png", "out/left-lung.png", "out/overlay.png", "out/right-lung.png",
          "out/spine-t1.png",
        ])
    let report = try #require((run.json() as? [[String: Any]])?.first)
    #expect(report["image"] as? String == wide && report["model"] as? String == "maps")
    #expect(report["size"] as? String == "model" && report["width"] as? Int == 64)
    #expect(report["height"] as? Int == 64 && report["overlay"] as? String == "out/overlay.png")
    // 96×72 pixels, of which the middle 72 columns are seen.
    #expect(report["original"] as? [String: Int] == ["width": 96, "height": 72])
    #expect(
      report["crop"] as? [String: Int] == ["x": 12, "y": 0, "width": 72, "height": 72])
    let rows = try #require(report["structures"] as? [[String: Any]])
    #expect(rows.map { $0["label"] as? String } == Self.structures.map(\.0))
    for (row, (label, output, file)) in zip(rows, Self.structures) {
      let path = "out/\(file).png"
      #expect(row["file"] as? String == path)
      let png = try PNGFile(gray: zoo.folder.file(path))
      #expect(png.width == 64 && png.height == 64)
      let map = masks[output * 4096..<(output + 1) * 4096]
      #expect(png.samples == map.map { $0 == 1 ? 255 : 0 }, "\(label)")
      let counted = Counted(png.samples, width: 64)
      #expect(counted.places.isEmpty == (label == "Spine / T1"))
      #expect(counted.places.count < 4096)
      try counted.expect(row, of: 4096)
      if !counted.places.isEmpty {
        let sum = counted.places.reduce(0.0) {
          $0 + Double(probabilities[output * 4096 + $1.y * 64 + $1.x])
        }
        let mean = sum / Double(counted.places.count)
        #expect(abs(try #require(row["meanProbability"] as? Double) - mean) < 1e-6)
      }
    }
    let ratio = try #require(report["cardiothoracicRatio"] as? [String: Any])
    let (heart, thorax) = (ratio["heartWidth"] as? Int, ratio["thoraxWidth"] as? Int)
    let quotient = Double(try #require(heart)) / Double(try #require(thorax))
    #expect(abs(try #require(ratio["value"] as? Double) - quotient) < 1e-15)
    let columns = try ["heartColumns", "thoraxColumns"].map { key in
      let ends = try #require(ratio[key] as? [Int])
      try #require(ends.count == 2)
      return ends[1] - ends[0] + 1
    }
    #expect(columns == [heart, thorax])
    // 64 pixels eight times as large; a swatch of 8, three gaps of 6 and the longest name that was
    // found, of ten letters 6 pixels apart. Below that come margins of 6 and lines of 11 pixels.
    let overlay = try PNGFile.header(zoo.folder.file("out/overlay.png"))
    #expect(overlay.width == 512 + 8 + 18 + 10 * 6 - 1 && overlay.kind == [8, 2])
    let lines = (overlay.height - 512 - 12) / 11
    #expect(lines >= 2 && overlay.height == 512 + 12 + lines * 11)
  }

  @Test func someStructuresInPixelsOfTheImage() throws {
    let masks = try #require(try maps(wide, ["masks"])["masks"])
    let run = try zoo(
      "segment", "--model", model, "-o", "out", "--format", "json", "--size", "original",
      "--structures", "spine-t1, Left Lung", wide)
    run.expectSuccess()
    #expect(zoo.files == ["out/left-lung.png", "out/overlay.png", "out/spine-t1.png"])
    let report = try #require((run.json() as? [[String: Any]])?.first)
    #expect(report["size"] as? String == "original")
    #expect(report["width"] as? Int == 96 && report["height"] as? Int == 72)
    #expect(report["cardiothoracicRatio"] is NSNull)
    let rows = try #require(report["structures"] as? [[String: Any]])
    #expect(rows.map { $0["label"] as? String } == ["Left Lung", "Spine / T1"])
    let png = try PNGFile(gray: zoo.folder.file("out/left-lung.png"))
    #expect(png.width == 96 && png.height == 72)
    // Each pixel of the square of 72 takes that of 64 in which its middle lies.
    let nearest = (0..<72).map { Int((Double($0) + 0.5) * 64 / 72) }
    let expected = (0..<96 * 72).map { index -> UInt8 in
      let (x, y) = (index % 96 - 12, index / 96)
      return (0..<72).contains(x) && masks[nearest[y] * 64 + nearest[x]] == 1 ? 255 : 0
    }
    #expect(png.samples == expected)
    try Counted(png.samples, width: 96).expect(rows[0], of: 96 * 72)
    try zoo("segment", "--model", model, "-o", "no", "--structures", "hart", wide)
      .expectFailure(naming: "the model has no label \"hart\"")
    #expect(!zoo.folder.names.contains("no"))
  }

  /// Two files of one name, and one between them that is no image.
  @Test func eachImageHasItsFolderAndABadOneLosesNoOther() throws {
    for (folder, fixture) in [("a", "wide.png"), ("b", "wide.png"), ("c", "tall.png")] {
      try FileManager.default.createDirectory(
        atPath: zoo.folder.file(folder), withIntermediateDirectories: false)
      try zoo.folder.copy(fixture, as: folder + "/chest.png")
    }
    try zoo.folder.write("words".utf8, as: "b/chest.png")
    let images = ["a/chest.png", "b/chest.png", "c/chest.png"]
    let run = try zoo.run(
      ["segment", "--model", model, "-o", "out", "--structures", "heart", "--format", "json"]
        + images)
    run.expectFailure(naming: "b/chest.png")
    #expect(
      zoo.files.filter { $0.hasPrefix("out/") } == [
        "out/chest-3/heart.png", "out/chest-3/overlay.png", "out/chest/heart.png",
        "out/chest/overlay.png",
      ])
    let rows = try #require(run.json() as? [[String: Any]])
    #expect(rows.map { $0["image"] as? String } == images)
    #expect(rows.map { $0["error"] == nil } == [true, false, true])
    #expect((rows[1]["error"] as? String)?.contains("b/chest.png") == true)
    #expect(rows[1]["structures"] == nil)
    for (image, folder) in [("a/chest.png", "chest"), ("c/chest.png", "chest-3")] {
      let masks = try #require(try maps(zoo.folder.file(image), ["masks"])["masks"])
      let png = try PNGFile(gray: zoo.folder.file("out/\(folder)/heart.png"))
      #expect(png.samples == masks[3 * 4096..<4 * 4096].map { $0 == 1 ? 255 : 0 })
    }
  }

  @Test func theTableIsForPeople() throws {
    let run = try zoo("segment", "--model", model, "-o", "out/", wide)
    run.expectSuccess()
    #expect(run.lines[0] == "\(wide)   maps, 64×64 pixels of the model's square")
    #expect(run.lines[1].hasPrefix("STRUCTURE   PIXELS  PART"))
    #expect(run.lines[2].hasPrefix("Left Lung ") && run.lines[2].hasSuffix("out/left-lung.png"))
    #expect(run.lines[5].hasPrefix("Spine / T1  0       0.0 %"))
    #expect(run.lines[6].hasPrefix("cardiothoracic ratio "))
    #expect(run.lines[7] == "all together: out/overlay.png")
    #expect(run.lines.suffix(2).first == "Noise and no anatomy.")
    #expect(run.lines.last?.contains("not a medical device") == true)
  }

  /// A place that is taken is found before the first file is written; of files that do not fit on
  /// the disk nothing is left.
  @Test func nothingIsHalfWritten() throws {
    try FileManager.default.createDirectory(
      atPath: zoo.folder.file("out/overlay.png"), withIntermediateDirectories: true)
    try zoo("segment", "--model", model, "-o", "out", wide)
      .expectFailure(naming: "out/overlay.png: is a folder")
    #expect(zoo.files.isEmpty)
    try zoo.folder.copy("wide.png", as: "heart.png")
    let image = try Data(contentsOf: URL(fileURLWithPath: zoo.folder.file("heart.png")))
    try zoo("segment", "--model", model, "-o", ".", "heart.png")
      .expectFailure(naming: "the output would replace the input")
    #expect(zoo.files == ["heart.png"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: zoo.folder.file("heart.png"))) == image)
    // In units of 512 bytes: a mask fits, the picture does not.
    let full = try zoo.shell(
      "trap '' XFSZ; ulimit -f 4; \"$ZOO\" segment --model '\(model)' -o full --structures heart"
        + " '\(wide)'")
    full.expectFailure(naming: "full/overlay.png: cannot be written")
    #expect(zoo.files == ["full/heart.png", "heart.png"])
    #expect(try PNGFile(gray: zoo.folder.file("full/heart.png")).width == 64)
  }

  @Test func benchAndExport() throws {
    let bench = try zoo("bench", model, "--runs", "1", "--format", "json")
    bench.expectSuccess()
    let times = try #require(bench.json() as? [String: Any])
    #expect(times["model"] as? String == "maps" && times["input"] as? [Int] == [1, 1, 64, 64])
    #expect(try #require(times["medianMilliseconds"] as? Double) > 0)
    let export = try zoo(
      "export", model, "-o", "maps.onnx", "--outputs", "masks,segmentation", "--fixed-size",
      "--format", "json")
    export.expectSuccess()
    let report = try #require(export.json() as? [String: Any])
    let outputs = try #require(report["outputs"] as? [[String: Any]])
    #expect(outputs.map { $0["name"] as? String } == ["masks", "segmentation"])
    for output in outputs {
      let extents = try #require(output["shape"] as? [Any])
      let shape = extents.map { "\($0)" }
      #expect(shape == ["batch", "5", "64", "64"])
    }
    // The reader of ONNX files, and the same masks.
    let square = CounterFill.symmetric("square", count: 4096, bound: 1024)
    try zoo.folder.write(NPY.file([1, 1, 64, 64], square), as: "x.npy")
    for (file, folder) in [("./maps.onnx", "onnx"), (model, "own")] {
      try zoo(
        "run", file, "--input", "x.npy", "--outputs", "segmentation", "--output-dir", folder
      ).expectSuccess()
    }
    let maps = try ["onnx", "own"].map { try NPY(zoo.folder.file($0 + "/segmentation.npy")).floats }
    #expect(relativeDifference(maps[0], maps[1]) < 1e-5)
  }
}
