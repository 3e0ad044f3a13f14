import Foundation
import GraphIR
import ModelKit
import Testing

/// The wording of every refusal.
@Suite struct ManifestErrorTests {
  @Test(arguments: [
    ("", "m.json: the text ends too early at byte 0"),
    (#"{"format":1,"format":1}"#, #"m.json: the key "format" occurs twice at byte 12"#),
    ("[]", "m.json: the manifest must be an object, not an array"),
    ("{}", "m.json: the manifest.format is missing"),
    (
      #"{"format":2,"other":1}"#,
      "m.json: the format is version 2, this program reads version 1: update the program"
    ),
    (#"{"format":1}"#, "m.json: the manifest.models is missing"),
    (
      #"{"format":1,"model":[]}"#,
      #"m.json: the manifest has an unknown key "model" (did you mean "models"?)"#
    ),
    (#"{"format":1,"models":{}}"#, "m.json: the manifest.models must be an array, not an object"),
    (#"{"format":1,"models":[1]}"#, "m.json: models[0] must be an object, not a number"),
  ])
  func wholeFile(_ text: String, _ expected: String) {
    #expect(sentence { _ = try Manifest(data: Data(text.utf8), name: "m.json") } == expected)
  }

  struct Fault: Sendable {
    let member: String
    let value: JSONValue?
    let sentence: String

    init(_ member: String, _ value: JSONValue?, _ sentence: String) {
      self.member = member
      self.value = value
      self.sentence = sentence
    }
  }

  private static func input(_ key: String, _ value: JSONValue) -> JSONValue {
    guard case .object(var members)? = entry()["input"] else { return .null }
    members[key] = value
    return .object(members)
  }

  private static func source(_ members: [String: JSONValue]) -> JSONValue {
    .object(["kind": .string("onnx")].merging(members) { $1 })
  }

  private static let place = #"m.json: models[0] ("m"): "#

  /// Faults of one member; the sentence is what follows the file's name.
  static let faults: [Fault] = [
    Fault("name", nil, "models[0].name is missing"),
    Fault("name", .integer(1), "models[0].name must be a string, not a number"),
    Fault(
      "licens", .string(""), #"models[0] has an unknown key "licens" (did you mean "licence"?)"#),
    Fault("zzz", .string(""), #"models[0] has an unknown key "zzz""#),
    Fault("labels", nil, "models[0].labels is missing"),
    Fault("labels", .array([.integer(1)]), "models[0].labels[0] must be a string, not a number"),
    Fault("citations", .string("x"), "models[0].citations must be an array, not a string"),
    Fault("aliases", .array([.null]), "models[0].aliases must be a string, not null"),
    Fault("intendedUse", .null, "models[0].intendedUse is missing"),
    Fault("licence", nil, "models[0].licence is missing"),
    Fault(
      "architecture", .object(["configuration": .object([:])]),
      "models[0].architecture.id is missing"),
    Fault(
      "architecture", .object(["idd": .string("x")]),
      #"models[0].architecture has an unknown key "idd" (did you mean "id"?)"#),
    Fault(
      "input", input("resolutoin", .integer(1)),
      #"models[0].input has an unknown key "resolutoin" (did you mean "resolution"?)"#),
    Fault(
      "input", input("resolution", .number(224.5)),
      "models[0].input.resolution must be a whole number, not another number"),
    Fault(
      "source", source(["ulr": .string("")]),
      #"models[0].source has an unknown key "ulr" (did you mean "url"?)"#),
  ]

  @Test(arguments: faults)
  func member(_ fault: Fault) {
    #expect(
      sentence { _ = try manifest(entry([fault.member: fault.value])) }
        == "m.json: " + fault.sentence)
  }

  /// Faults of a value; the sentence is what follows the entry's place.
  static let values: [Fault] = [
    Fault(
      "input", input("resolution", .integer(0)), "the resolution 0 is not between 1 and 8192"),
    Fault(
      "input", input("resolution", .integer(8193)),
      "the resolution 8193 is not between 1 and 8192"),
    Fault(
      "input", input("channels", .integer(2)), "there are 2 channels, where 1 or 3 are possible"),
    Fault(
      "input", input("range", .array([.integer(1), .integer(1)])),
      "the range must be two numbers, the lower one first"),
    Fault(
      "input", input("range", .array([.integer(1)])),
      "the range must be two numbers, the lower one first"),
    Fault(
      "input", input("range", .array([.integer(0), .number(1e300)])),
      "the range must be two numbers, the lower one first"),
    Fault(
      "input", input("scaling", .string("nome")),
      #"scaling "nome" is unknown (did you mean "none"?)"#),
    Fault(
      "outputActivation", .string("relu"),
      #"outputActivation "relu" is unknown: it can be none, sigmoid, softmax"#),
    Fault("labels", .array([.null, .null]), "at least one output needs a label"),
    Fault(
      "labels", .array([.string(""), .null]),
      "a label is empty: write null for an output without one"),
    Fault(
      "labels", .array([.string("A"), .string("A")]), #"the label "A" occurs twice"#),
    Fault("labels", .array([.string("A")]), "there are 1 labels for a classCount of 2"),
    Fault(
      "operatingPoints", .array([.null]), "there are 1 operating points for 2 labels"),
    Fault(
      "operatingPoints", .array([.number(0.5), .integer(1)]),
      "the operating point 1.0 is not between 0 and 1"),
    Fault(
      "operatingPoints", .array([.integer(0), .null]),
      "the operating point 0.0 is not between 0 and 1"),
    Fault(
      "operatingPoints", .array([.number(0.99999999999), .null]),
      "the operating point 0.99999999999 is not between 0 and 1"),
    Fault(
      "homepage", .string("http://x.org"),
      #"the address "http://x.org" must begin with https:// and have neither user nor spaces"#),
    Fault(
      "source", source(["url": .string("https://a b")]),
      #"the address "https://a b" must begin with https:// and have neither user nor spaces"#),
    Fault(
      "source", source(["url": .string("https:///x")]),
      #"the address "https:///x" must begin with https:// and have neither user nor spaces"#),
    Fault(
      "source", source(["url": .string("https://user@host/x")]),
      #"the address "https://user@host/x" must begin with https:// and have neither user nor spaces"#
    ),
    Fault(
      "source", source(["sha256": .string("ABC")]),
      #"the SHA-256 "ABC" must be 64 lower-case hexadecimal digits"#),
    Fault("source", source(["bytes": .integer(0)]), "the size of 0 bytes is impossible"),
    Fault(
      "source", source(["kind": .string("pytorch-zipp")]),
      #"kind "pytorch-zipp" is unknown (did you mean "pytorch-zip"?)"#),
    Fault(
      "source", source(["kind": .string("embedded")]),
      #"a source of kind "embedded" needs a resource and no url, and any other has no resource"#),
    Fault(
      "source", source(["resource": .string("r")]),
      #"a source of kind "embedded" needs a resource and no url, and any other has no resource"#),
    Fault(
      "aliases", .array([.string("Big")]),
      #"the name "Big" must have 1 to 100 of the characters a to z, 0 to 9, `.`, `_` and `-`, "#
        + "the first being a letter, a digit or `_`"),
    Fault(
      "aliases", .array([.string("m")]), #""m" occurs twice in the names and aliases of "m""#),
  ]

  @Test(arguments: values)
  func value(_ fault: Fault) {
    let isOfTheList = fault.sentence.contains("names and aliases")
    #expect(
      sentence { _ = try manifest(entry([fault.member: fault.value])) }
        == (isOfTheList ? "m.json: " : Self.place) + fault.sentence)
  }

  @Test(arguments: [
    "", "A", "a b", "a/b", "..", ".a", "-a", "é", String(repeating: "a", count: 101),
  ])
  func names(_ name: String) throws {
    let error = #expect(throws: ManifestError.self) {
      try manifest(entry(["name": .string(name)]))
    }
    #expect(error?.problem == .name(name, limit: 100))
  }

  @Test(arguments: ["a", "0", "_a", "a.b_c-d", String(repeating: "a", count: 100)])
  func goodNames(_ name: String) throws {
    #expect(try manifest(entry(["name": .string(name)])).entries[0].name == name)
  }

  @Test func sameNameTwice() {
    #expect(
      sentence { _ = try manifest(entry(), entry()) }
        == #"m.json: "m" occurs twice in the names and aliases of "m""#)
    #expect(
      sentence {
        _ = try manifest(entry(), entry(["name": .string("n"), "aliases": .array([.string("m")])]))
      }
        == #"m.json: "m" is a name or alias of both "m" and "n""#)
  }

  @Test func unknownModel() {
    #expect(
      "\(UnknownModelError(name: "alll", nearest: "all"))"
        == #"there is no model "alll"; did you mean "all"?"#)
    #expect(
      "\(UnknownModelError(name: "x", nearest: nil))"
        == #"there is no model "x"; `zoo list` shows them all"#)
  }
}
