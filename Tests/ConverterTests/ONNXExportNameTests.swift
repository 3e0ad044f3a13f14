import Converter
import GraphIR
import Testing

/// Names that meet, and outputs that no node makes.
struct ONNXExportNameTests {
  @Test func everyNameIsGivenOnce() throws {
    var net = ExportCase()
    let image = net.image()
    var value = image
    // Labels that are taken: by the input, by an endpoint, by a weight, by each other.
    for label in ["image", "result", "w", "twice", "twice", ""] {
      value = net.builder.unary(.relu, value, label: label)
    }
    let weight = net.weight("w", [1])
    net.builder.endpoint("result", net.builder.binary(.add, value, weight, label: "sum"))
    let model = try net.parsed()
    #expect(
      model.nodes.map(\.name) == ["image_2", "result_2", "w_2", "twice", "twice_2", "value", "sum"])
    #expect(
      model.nodes.flatMap(\.outputs) == [
        "image_2", "result_2", "w_2", "twice", "twice_2", "value", "result",
      ])
    #expect(model.initializers["w"] != nil)
  }

  @Test func namesHaveNoZeroBytes() throws {
    var net = ExportCase()
    let image = net.image("im\0age")
    net.builder.endpoint("out\0put", net.builder.unary(.relu, image, label: "a\0b"))
    let model = try net.parsed()
    #expect(Array(model.inputs.keys) == ["im_age"])
    #expect(model.outputs.map(\.name) == ["out_put"])
    #expect(model.nodes.map(\.name) == ["a_b"])
  }

  @Test func oneValueMayHaveSeveralNames() throws {
    var net = ExportCase()
    let image = net.image()
    let result = net.builder.unary(.relu, image, label: "relu")
    net.builder.endpoint("a", result)
    net.builder.endpoint("b", result)
    let model = try net.parsed(outputs: ["b", "a"])
    #expect(model.outputs.map(\.name) == ["b", "a"])
    #expect(model.ops == ["Relu", "Identity"])
    #expect(model.nodes.map(\.outputs) == [["b"], ["a"]])
    #expect(model.nodes[1].inputs == ["b"])
  }

  @Test func inputsAndWeightsCanBeOutputs() throws {
    var net = ExportCase()
    let image = net.image()
    net.builder.endpoint("same", image)
    var model = try net.parsed()
    #expect(model.ops == ["Identity"])
    #expect(model.nodes[0].inputs == ["image"] && model.nodes[0].outputs == ["same"])
    #expect(model.outputs[0].extents == ["batch", "2", "height", "width"])

    net.builder.endpoint("weight", net.weight("w", [3]))
    net.builder.endpoint("constant", net.builder.constant(2, label: "two"))
    model = try net.parsed(outputs: ["weight", "constant", "same"])
    // A weight is the same for all images, so that the batch is not open any more.
    #expect(model.outputs.map(\.extents)[0...1] == [["3"], []])
    #expect(model.inputs["image"]?.first == "1")
    #expect(model.initializers["two"]?.dims == [])
  }

  @Test(arguments: [12, 24, 0, -1, Int.max, Int.min])
  func opsetsOutsideAreRefused(_ opset: Int) {
    var net = ExportCase()
    let image = net.image()
    net.builder.endpoint("a", net.builder.unary(.relu, image, label: "relu"))
    #expect(throws: ONNXExportError.opset(opset, known: 13...23)) {
      _ = try net.export(opset: opset)
    }
  }

  @Test func refusalsAreSentences() throws {
    let cases: [(ONNXExportError, String)] = [
      (
        .opset(24, known: 13...23),
        "operator set 24 is not written; give one from 13 to 23"
      ),
      (
        .needsOpset(19, node: "pool", what: "a mean over a dilated window"),
        "pool is a mean over a dilated window, which ONNX has since operator set 19; export with "
          + "that or a later one"
      ),
      (.noOutputs, "no output is asked for; name one"),
      (
        .tooManyNodes(byteCount: 11, limit: 10),
        "its nodes take 11 bytes without any weights, an ONNX file holds 10"
      ),
    ]
    for (error, sentence) in cases { #expect("\(error)" == sentence) }
  }

  @Test func whatCannotBeExportedIsRefused() throws {
    var net = ExportCase()
    let image = net.image()
    net.builder.endpoint("a", net.builder.unary(.relu, image, label: "relu"))
    #expect(throws: ONNXExportError.noOutputs) { _ = try net.export(outputs: []) }
    let unknown = #expect(throws: GraphError.self) { _ = try net.export(outputs: ["b"]) }
    #expect(unknown?.description == "no output is named b; there are a")
    let export = try net.export()
    #expect(throws: ONNXExportError.self) { _ = try export.file(largestFile: 10) }

    net.builder.endpoint("sum", net.builder.binary(.add, image, net.weight("w", [1]), label: "s"))
    net.weights = [:]
    let missing = #expect(throws: GraphError.self) { _ = try net.export() }
    #expect(missing?.description == "w (parameter): the weights have no tensor of this name")
    net.inputs = [:]
    #expect(throws: GraphError.self) { _ = try net.export(outputs: ["a"]) }
    net.inputs = ["image": []]
    #expect(throws: GraphError.self) { _ = try net.export(outputs: ["a"]) }
  }
}
