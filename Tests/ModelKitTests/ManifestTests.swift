import Foundation
import GraphIR
import ModelKit
import Testing

@Suite struct ManifestTests {
  @Test func lookup() throws {
    let manifest = try manifest(
      entry(["name": .string("first-model"), "aliases": .array([.string("one")])]),
      entry(["name": .string("second-model")]))
    #expect(try manifest.entry(named: "first-model").name == "first-model")
    #expect(try manifest.entry(named: "one").name == "first-model")
    #expect(try manifest.entry(named: "second-model").name == "second-model")
    #expect(throws: UnknownModelError(name: "secnd-model", nearest: "second-model")) {
      try manifest.entry(named: "secnd-model")
    }
    #expect(throws: UnknownModelError(name: "", nearest: nil)) { try manifest.entry(named: "") }
  }

  /// Ends that are whole numbers and no `Int64`.
  @Test func scalingsInWords() throws {
    #expect(try InputScaling(to: -2...0.5).description == "from -2 to 0.5")
    #expect(try InputScaling(to: -1e30...1e30).description == "from -1e+30 to 1e+30")
  }

  @Test func userManifestHasTheLastWord() throws {
    let shipped = try manifest(
      entry(["name": .string("a"), "aliases": .array([.string("x")])]),
      entry(["name": .string("b")]))
    let user = try manifest(
      entry(["name": .string("c")]),
      entry(["name": .string("a"), "aliases": .array([.string("y")]), "licence": .string("mine")]))
    let merged = try shipped.merging(user, name: "user.json")
    #expect(merged.entries.map(\.name) == ["a", "b", "c"])
    #expect(try merged.entry(named: "y").model.licence == "mine")
    #expect(throws: UnknownModelError.self) { try merged.entry(named: "x") }
  }

  @Test func clashesOfAUserManifest() throws {
    let shipped = try manifest(entry(["name": .string("a"), "aliases": .array([.string("x")])]))
    for clash in [
      entry(["name": .string("b"), "aliases": .array([.string("x")])]),
      entry(["name": .string("x")]),
      entry(["name": .string("b"), "aliases": .array([.string("a")])]),
    ] {
      let user = try manifest(clash)
      #expect(throws: ManifestError.self) { try shipped.merging(user, name: "user.json") }
    }
    let user = try manifest(entry(["name": .string("b"), "aliases": .array([.string("x")])]))
    #expect(
      sentence { _ = try shipped.merging(user, name: "user.json") }
        == #"user.json: "x" is a name or alias of both "a" and "b""#)
  }

  @Test func embeddedEntryWithNotice() throws {
    let manifest = try manifest(
      entry([
        "notice": .string("demonstration only"),
        "source": .object(["kind": .string("embedded"), "resource": .string("demo.safetensors")]),
      ]))
    #expect(manifest.entries[0].model.notice == "demonstration only")
    #expect(manifest.entries[0].source.kind == .embedded)
    #expect(manifest.entries[0].source.resource == "demo.safetensors")
  }

  @Test func leastEntry() throws {
    let entry = try manifest(entry()).entries[0]
    #expect(entry.aliases.isEmpty)
    #expect(entry.model.operatingPoints == nil)
    #expect(entry.model.notice == nil && entry.model.homepage == nil)
    #expect(entry.source.url == nil && entry.source.sha256 == nil && entry.source.byteCount == nil)
    #expect(entry.model.labels.outputs == ["Edema", nil])
    #expect(entry.model.input.range == -1024...1024)
  }

  /// Weights whose settings nobody has published: null is the same as leaving them out.
  @Test(
    arguments: [
      ["id": .string("x")], ["id": .string("x"), "configuration": .null],
    ] as [[String: JSONValue]])
  func entryWithoutConfiguration(_ architecture: [String: JSONValue]) throws {
    let entry = try manifest(entry(["architecture": .object(architecture)])).entries[0]
    #expect(entry.architecture == ManifestEntry.Architecture(id: "x", configuration: nil))
    #expect(entry.json["architecture"] == .object(["id": .string("x")]))
  }

  /// What is written into weight files and printed reads back as the same.
  @Test func jsonReadsBack() throws {
    let manifest = try shippedManifest()
    let data = try JSONEncoder().encode(
      JSONValue.object(["format": .integer(1), "models": .array(manifest.entries.map(\.json))]))
    #expect(try Manifest(data: data, name: "again") == manifest)
    for entry in manifest.entries {
      #expect(try ModelDescription(json: entry.model.json, file: "again") == entry.model)
    }
  }

  /// A weight file of a later program may say more.
  @Test func descriptionsPassOverUnknownMembers() throws {
    let json = entry(["something": .integer(1), "source": nil, "architecture": nil])
    #expect(try ModelDescription(json: json, file: "w").name == "m")
    #expect(
      sentence { _ = try ModelDescription(json: .null, file: "w.safetensors") }
        == "w.safetensors: model must be an object, not null")
    #expect(
      sentence { _ = try ModelDescription(json: entry(["labels": .array([.null])]), file: "w") }
        == "w: model: at least one output needs a label")
  }

  @Test func labels() throws {
    let labels = try Labels(["Edema", nil, "Effusion"])
    #expect(labels.count == 3)
    #expect(labels.names == ["Edema", "Effusion"])
    #expect(try labels.index(of: "Effusion") == 2)
    #expect(
      sentence { _ = try labels.index(of: "efusion") }
        == #"the model has no label "efusion" (did you mean "Effusion"?)"#)
    #expect(
      sentence { _ = try labels.index(of: "Mass") }
        == #"the model has no label "Mass": it has Edema, Effusion"#)
  }
}
