import Converter
import GraphIR
import Testing

/// Graphs in native files that are none: each fault is told with its place in the JSON.
@Suite struct HostileJSONTests {
  /// A graph with everything that is read.
  static let sound = """
    {"opset":17,"graph":{"inputs":[{"name":"x","dtype":"F32","shape":[1,"n",null]}],\
    "outputs":[{"name":"y"}],"nodes":[{"op":"Add","inputs":["x","w"],"outputs":["y"],\
    "attributes":{"a":{"ints":[1]},"b":{"tensor":"t"},"c":{"float":"inf"}}}],\
    "initializers":{"w":"t"}}}
    """

  private func read(_ text: String) throws -> ONNXModel {
    try ONNXModel(json: JSONValue(parsing: text), tensors: ["t": Tensor(shape: [], [1])])
  }

  @Test func theSoundGraphIsRead() throws {
    let graph = try read(Self.sound).graph
    #expect(graph.inputs[0].extents == [.fixed(1), .named("n"), .unknown])
    #expect(graph.nodes[0].attributes.count == 3)
  }

  static let faults: [(old: String, new: String, place: String)] = [
    ("\"opset\":17", "\"opset\":5", "configuration.opset"),
    ("\"opset\":17", "\"opset\":\"17\"", "configuration.opset"),
    ("\"opset\":17,", "", "configuration.opset"),
    ("\"F32\"", "\"F31\"", "inputs[0].dtype"), ("[1,\"n\",null]", "[-1]", "inputs[0].shape"),
    ("[1,\"n\",null]", "[0.5]", "inputs[0].shape"), ("[1,\"n\",null]", "3", "inputs[0].shape"),
    ("{\"name\":\"y\"}", "{}", "outputs[0].name"), ("\"op\":\"Add\",", "", "nodes[0].op"),
    ("[\"x\",\"w\"]", "[\"x\",1]", "nodes[0].inputs"), ("{\"ints\":[1]}", "{}", "attributes.a"),
    ("{\"ints\":[1]}", "{\"ints\":[1],\"int\":1}", "attributes.a"),
    ("{\"ints\":[1]}", "{\"intz\":[1]}", "attributes.a"),
    ("{\"ints\":[1]}", "{\"ints\":[1.5]}", "attributes.a.ints"),
    ("{\"ints\":[1]}", "{\"int\":[1]}", "attributes.a.int"),
    ("{\"tensor\":\"t\"}", "{\"tensor\":\"u\"}", "attributes.b.tensor"),
    ("{\"float\":\"inf\"}", "{\"float\":\"huge\"}", "attributes.c.float"),
    ("{\"w\":\"t\"}", "{\"w\":\"u\"}", "initializers.w"),
    ("{\"w\":\"t\"}", "[]", "initializers"), ("\"nodes\":[", "\"nodes\":[[],", "nodes[0]"),
    ("{\"ints\":[1]}", "{\"graph\":{}}", "attributes.a.graph"),
  ]

  @Test(arguments: faults) func isRefused(old: String, new: String, place: String) throws {
    #expect(Self.sound.contains(old))
    let text = Self.sound.replacing(old, with: new)
    let error = #expect(throws: JSONFieldError.self) { try read(text) }
    #expect(error.map { "\($0)".contains(place) } ?? false, "\(String(describing: error))")
  }
}
