import Foundation
import GraphIR
import ModelKit
import Testing

/// The manifest at the top of the repository.
func shippedManifest() throws -> Manifest {
  let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let url = top.appendingPathComponent("weights-manifest.json")
  return try Manifest(data: Data(contentsOf: url), name: url.lastPathComponent)
}

/// A sound entry with some members replaced, or removed where nil.
func entry(_ changes: [String: JSONValue?] = [:]) -> JSONValue {
  var members: [String: JSONValue] = [
    "name": .string("m"),
    "architecture": .object([
      "id": .string("densenet"), "configuration": .object(["classCount": .integer(2)]),
    ]),
    "source": .object(["kind": .string("onnx")]),
    "input": .object([
      "resolution": .integer(224), "channels": .integer(1),
      "range": .array([.integer(-1024), .integer(1024)]), "scaling": .string("none"),
    ]),
    "labels": .array([.string("Edema"), .null]),
    "outputActivation": .string("sigmoid"),
    "licence": .string("CC0"),
    "citations": .array([]),
    "intendedUse": .string("tests"),
  ]
  for (key, value) in changes { members[key] = value }
  return .object(members)
}

/// A manifest with those entries.
func manifest(_ entries: JSONValue..., name: String = "m.json") throws -> Manifest {
  try Manifest(
    data: JSONEncoder().encode(
      JSONValue.object(["format": .integer(1), "models": .array(entries)])),
    name: name)
}

/// The sentence with which something fails.
func sentence(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
