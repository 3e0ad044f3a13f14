import CONNX
import Foundation
import Testing
import XRayZoo
import ZooFixtures

/// Models as ONNX files; what the nodes are is tested with the converter, what they compute by
/// tools/export-check.
@Suite struct ExportTests {
  private let fixture: Fixture
  /// A native file with the labels and operating points of the manifest's model.
  private let native: String

  init() throws {
    fixture = try Fixture()
    native = fixture.folder.file("tiny.safetensors")
    try fixture.zoo.convert(ZooFixtures.path("points.zip.pt"), to: native, as: "tiny")
  }

  /// The parts of a file that this is about, read by protobuf-c.
  private struct Parsed {
    var metadata: [String: String] = [:]
    var documentation = ""
    var firstOp = ""
    var locations: Set<String> = []
    /// ONNX's numbers for the types of the weights.
    var types: Set<Int32> = []

    init(_ url: URL) throws {
      let bytes = [UInt8](try Data(contentsOf: url))
      let message = try #require(onnx__model_proto__unpack(nil, bytes.count, bytes))
      defer { onnx__model_proto__free_unpacked(message, nil) }
      for index in 0..<message.pointee.n_metadata_props {
        let entry = try #require(message.pointee.metadata_props[index]).pointee
        metadata[String(cString: entry.key)] = String(cString: entry.value)
      }
      documentation = String(cString: message.pointee.doc_string)
      let graph = try #require(message.pointee.graph).pointee
      firstOp = String(cString: try #require(graph.node[0]).pointee.op_type)
      for index in 0..<graph.n_initializer {
        let tensor = try #require(graph.initializer[index]).pointee
        types.insert(tensor.data_type)
        for entry in 0..<tensor.n_external_data {
          let pair = try #require(tensor.external_data[entry]).pointee
          if String(cString: pair.key) == "location" {
            locations.insert(String(cString: pair.value))
          }
        }
      }
    }
  }

  @Test func tellsWhatItWrote() throws {
    let path = fixture.folder.file("tiny.onnx")
    let export = try fixture.zoo.export(native, to: path)
    #expect(export.output.path == path)
    #expect(export.externalData == nil)
    #expect(export.opset == 17)
    #expect(export.inputs.map(\.name) == ["image"])
    #expect(
      export.inputs[0].extents == [.open("batch"), .fixed(1), .open("height"), .open("width")])
    #expect(export.inputs[0].shape == "batch×1×height×width")
    #expect(export.outputs.map(\.name) == ["logits", "features", "featureMap"])
    // Eight maps, one layer of four in each of two blocks, halved between them.
    #expect(
      export.outputs.map(\.shape)
        == ["batch×5", "batch×10", "batch×10×featureMap_height×featureMap_width"])
    let data = try Data(contentsOf: export.output)
    #expect(export.byteCount == data.count)
    #expect(export.description.name == "tiny-chest")
    #expect(fixture.folder.names == ["tiny.onnx", "tiny.safetensors"])
    // The same again, byte for byte.
    let again = try fixture.zoo.export(native, to: fixture.folder.file("again.onnx"))
    #expect(try Data(contentsOf: again.output) == data)
  }

  @Test func fileCarriesWhatTheModelIs() throws {
    let export = try fixture.zoo.export(native, to: fixture.folder.file("tiny.onnx"))
    let parsed = try Parsed(export.output)
    let model = try fixture.zoo.load(native).description
    #expect(parsed.metadata["model"] == "tiny-chest")
    let labels = try JSONDecoder().decode(
      [String?].self, from: Data(try #require(parsed.metadata["labels"]).utf8))
    #expect(labels == model.labels.outputs && labels[0] == "Edema")
    let points = try JSONDecoder().decode(
      [Double?].self, from: Data(try #require(parsed.metadata["operating_points"]).utf8))
    #expect(points == model.operatingPoints)
    #expect(parsed.metadata["licence"] == model.licence)
    #expect(parsed.metadata["intended_use"] == model.intendedUse)
    #expect(parsed.metadata["output_activation"] == "sigmoid")
    let citations = try JSONDecoder().decode(
      [String].self, from: Data(try #require(parsed.metadata["citations"]).utf8))
    #expect(citations == model.citations)
    #expect(parsed.metadata["disclaimer"]?.contains("not a medical device") == true)
    #expect(parsed.metadata["architecture"]?.contains(#""id":"densenet""#) == true)
    for part in [
      "float32 [batch, 1, height, width]", "-1024 (black) to 1024 (white)", "64x64",
      "(2 * pixel / 255 - 1) * 1024", "not a medical device", "sigmoid(logits)",
      "p / (2 t) where p < t, else 1 - (1 - p) / (2 (1 - t))", "- featureMap: ",
    ] { #expect(parsed.documentation.contains(part), "\(parsed.documentation)") }
  }

  @Test func modelsForColourTakeGreyImages() throws {
    let export = try fixture.zoo.export(
      ZooFixtures.path("colour.legacy.pt"), to: fixture.folder.file("colour.onnx"))
    #expect(export.inputs[0].shape == "batch×1×height×width")
    #expect(try Parsed(export.output).firstOp == "Concat")
  }

  @Test func outputsAndSizesCanBeChosen() throws {
    let path = fixture.folder.file("tiny.onnx")
    let one = try fixture.zoo.export(
      native, to: path, outputs: ["features", "logits", "features"], size: .square(96))
    #expect(one.outputs.map(\.name) == ["features", "logits"])
    #expect(one.inputs[0].shape == "batch×1×96×96")
    let fixed = try fixture.zoo.export(
      native, to: path, outputs: ["featureMap"], opset: 13, size: .resolution)
    #expect(fixed.inputs[0].shape == "batch×1×64×64")
    // A stem of stride 4, one transition.
    #expect(fixed.outputs[0].shape == "batch×10×8×8")
    #expect(fixed.opset == 13)
  }

  @Test func weightsKeepTheirType() throws {
    let half = fixture.folder.file("half.safetensors")
    try fixture.zoo.convert(native, to: half, options: .init(dtype: .bfloat16))
    let whole = try fixture.zoo.export(native, to: fixture.folder.file("whole.onnx"))
    #expect(try Parsed(whole.output).types == [1])
    let small = try fixture.zoo.export(half, to: fixture.folder.file("half.onnx"))
    #expect(try Parsed(small.output).types == [16])
  }

  @Test func largeModelsGetASecondFile() throws {
    let path = fixture.folder.file("tiny.onnx")
    let export = try fixture.zoo.export(
      native, to: path, outputs: nil, opset: 17, size: .open, largestFile: 12_000)
    let data = try #require(export.externalData)
    #expect(data.path == path + ".data")
    #expect(try Parsed(export.output).locations == ["tiny.onnx.data"])
    let sizes = try [export.output, data].map { try Data(contentsOf: $0).count }
    #expect(sizes.reduce(0, +) == export.byteCount && sizes[0] <= 12_000)
    #expect(fixture.folder.names == ["tiny.onnx", "tiny.onnx.data", "tiny.safetensors"])
  }

  @Test func linksStandForWhatTheyPointTo() throws {
    let real = fixture.folder.file("real.onnx")
    let link = fixture.folder.file("link.onnx")
    try Data().write(to: URL(fileURLWithPath: real))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
    let export = try fixture.zoo.export(
      native, to: link, outputs: nil, opset: 17, size: .open, largestFile: 12_000)
    #expect(export.output.resolvingSymlinksInPath().lastPathComponent == "real.onnx")
    #expect(export.externalData?.lastPathComponent == "real.onnx.data")
    #expect(try Parsed(URL(fileURLWithPath: real)).locations == ["real.onnx.data"])
  }

  // MARK: - Refusals

  private func refusal(
    to path: String, outputs: [String]? = nil, opset: Int = 17, size: ExportSize = .open,
    largestFile: Int = 2_000_000_000
  ) throws -> String? {
    let before = fixture.folder.names
    let text = message {
      try fixture.zoo.export(
        native, to: path, outputs: outputs, opset: opset, size: size, largestFile: largestFile)
    }
    #expect(fixture.folder.names == before)
    return text
  }

  @Test func badDestinationsAreRefused() throws {
    let folder = fixture.folder.file("folder")
    try FileManager.default.createDirectory(
      atPath: folder + ".data", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(try refusal(to: folder) == "\(folder): is a folder; name a file in it")
    let nowhere = fixture.folder.file("none/x.onnx")
    #expect(
      try refusal(to: nowhere)
        == "\(nowhere): cannot be written: there is no folder \(fixture.folder.file("none"))")
    #expect(
      try refusal(to: native)
        == "\(native): the output would replace the input; give it another name")
    #expect(try refusal(to: "/dev/null") == "/dev/null: is no regular file")
    let long = fixture.folder.file(String(repeating: "x", count: 300))
    #expect(try refusal(to: long)?.contains("cannot be put in place: File name too long") == true)
    // Only a model that needs the second file minds what has its name.
    try FileManager.default.removeItem(atPath: folder)
    #expect(
      try refusal(to: folder, largestFile: 12_000)
        == "\(folder).data: is a folder; name a file in it")
    try fixture.zoo.export(native, to: folder)
  }

  @Test func weightsAreNotReplacedByTheSecondFile() throws {
    let copy = fixture.folder.file("model.data")
    try FileManager.default.copyItem(atPath: native, toPath: copy)
    let text = message {
      try fixture.zoo.export(
        copy, to: fixture.folder.file("model"), outputs: nil, opset: 17, size: .open,
        largestFile: 12_000)
    }
    #expect(text == "\(copy): the output would replace the input; give it another name")
    #expect(!FileManager.default.fileExists(atPath: fixture.folder.file("model")))
  }

  @Test func cachedWeightsAreNotReplaced() throws {
    try fixture.zoo.fetch("tiny", from: ZooFixtures.path("points.zip.pt"))
    let cached = fixture.zoo.cache.url(of: "tiny-chest").path
    #expect(
      message { try fixture.zoo.export("tiny", to: cached) }
        == "\(cached): the output would replace the input; give it another name")
    try fixture.zoo.verify(cached)
  }

  @Test func wrongWishesAreRefused() throws {
    let path = fixture.folder.file("x.onnx")
    #expect(
      try refusal(to: path, outputs: ["logit"])
        == "tiny-chest has no output \"logit\"; did you mean logits? known are logits, features, "
        + "featureMap")
    #expect(
      try refusal(to: path, outputs: []) == "\(native): no output is asked for; name one")
    #expect(
      try refusal(to: path, opset: 12)
        == "\(native): operator set 12 is not written; give one from 13 to 23")
    let small = try #require(try refusal(to: path, size: .square(1)))
    #expect(small.hasPrefix("\(native): ") && small.contains("too small for this model"))
    #expect(
      message { try fixture.zoo.export("tinny") }
        == "tinny is neither a model nor a file; did you mean tiny?")
  }
}
