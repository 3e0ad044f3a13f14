import Foundation
import Testing
import ZooFixtures

/// Whatever stands where a weight file belongs: one line that names it, exit code 1, nothing left.
@Suite struct BadCheckpointTests {
  /// Files that no verb takes.
  static let files: [(name: String, make: @Sendable (Zoo, String) throws -> Void)] = [
    ("missing.pt", { _, _ in }),
    (
      "folder.pt",
      { zoo, name in
        try FileManager.default.createDirectory(
          atPath: zoo.folder.file(name), withIntermediateDirectories: false)
      }
    ),
    ("empty.pt", { zoo, name in try zoo.folder.write([], as: name) }),
    ("text.pt", { zoo, name in try zoo.folder.write("not found\n".utf8, as: name) }),
    ("image.pt", { zoo, name in try zoo.folder.copy("wide.png", as: name) }),
    ("array.pt", { zoo, name in try zoo.folder.copy("images.npy", as: name) }),
    ("system.pt", { zoo, name in try zoo.folder.copy(name, as: name) }),
    ("system.legacy.pt", { zoo, name in try zoo.folder.copy(name, as: name) }),
    ("eval.pt", { zoo, name in try zoo.folder.copy(name, as: name) }),
    ("eval.legacy.pt", { zoo, name in try zoo.folder.copy(name, as: name) }),
    ("short-storage.pt", { zoo, name in try zoo.folder.copy(name, as: name) }),
    ("lying-size.pt", { zoo, name in try zoo.folder.copy(name, as: name) }),
    ("cut.pt", { try damage("parallel.zip.pt", in: $0, as: $1) { $0.removeLast($0.count / 2) } }),
    (
      "cut.legacy.pt",
      { try damage("module.legacy.pt", in: $0, as: $1) { $0.removeLast($0.count / 2) } }
    ),
    (
      "cut.safetensors",
      { try damage("plain.safetensors", in: $0, as: $1) { $0.removeLast($0.count / 2) } }
    ),
    // In the middle of the largest tensor, where only the zip's checksum tells.
    (
      "changed.pt", { try damage("parallel.zip.pt", in: $0, as: $1) { $0[largestTensor($0)] ^= 1 } }
    ),
    ("no-end.pt", { try damage("parallel.zip.pt", in: $0, as: $1) { $0.removeLast(10) } }),
    ("misshapen.pt", { zoo, name in try zoo.folder.copy("near-miss.legacy.pt", as: name) }),
    ("points.pt", { zoo, name in try zoo.folder.copy("bad-points.legacy.pt", as: name) }),
    ("bottleneck.pt", { zoo, name in try zoo.folder.copy("no-bottleneck.legacy.pt", as: name) }),
    ("a b\u{202e}ü\n.pt", { zoo, name in try zoo.folder.write([1, 2, 3], as: name) }),
  ]

  static let verbs: [(name: String, arguments: [String])] = [
    ("convert", ["convert", "FILE", "-o", "out.safetensors"]),
    ("verify", ["verify", "FILE"]), ("inspect", ["inspect", "--verify", "FILE"]),
    ("fetch", ["fetch", "tiny", "--from", "FILE"]),
    ("predict", ["predict", "--model", "FILE", ZooFixtures.path("wide.png")]),
    ("predict", ["predict", "--format", "json", "--model", "FILE", ZooFixtures.path("wide.png")]),
    ("features", ["features", "--model", "FILE", ZooFixtures.path("wide.png"), "-o", "f.npy"]),
    ("run", ["run", "FILE", "--input", ZooFixtures.path("images.npy"), "--output-dir", "out"]),
    ("bench", ["bench", "FILE"]),
  ]

  /// Sound files whose tensors fit nothing: looking into them is no failure.
  static let inspectable = ["misshapen.pt", "points.pt", "bottleneck.pt"]

  @Test(arguments: files.indices)
  func isRefusedByEveryVerb(_ index: Int) throws {
    let (name, make) = Self.files[index]
    let zoo = try Zoo()
    try make(zoo, name)
    let before = zoo.files
    for (verb, arguments) in Self.verbs {
      // Points that the manifest replaces are not looked at.
      if verb == "fetch", name == "points.pt" { continue }
      let run = try zoo.run(arguments.map { $0 == "FILE" ? "./" + name : $0 })
      if verb == "inspect", Self.inspectable.contains(name) {
        run.expectSuccess()
        continue
      }
      // Of a name that would upset a terminal, some part at least. A near miss tells its three
      // differences beside the sentence.
      run.expectFailure(
        naming: name.hasPrefix("a b") ? "a b" : name,
        lines: name == "misshapen.pt" && verb != "verify" ? 4 : 1)
      #expect(!run.errors.contains("\u{202e}"))
      #expect(run.output.isEmpty, "\(verb) \(name)")
      #expect(zoo.files == before, "\(verb) \(name)")
    }
    #expect(!zoo.files.contains("pwned"))
  }

  @Test func everySampledByteOfANativeFileCounts() throws {
    let zoo = try Zoo()
    let path = try zoo.tinyModel()
    let sound = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    for position in stride(from: 0, to: sound.count, by: sound.count / 24) {
      var changed = sound
      changed[position] ^= 0x10
      try zoo.folder.write(changed, as: "tiny.safetensors")
      for arguments in [
        ["verify", path], ["inspect", "--verify", path],
        ["predict", "--model", path, ZooFixtures.path("wide.png")],
      ] {
        let run = try zoo.run(arguments)
        run.expectFailure(naming: "tiny.safetensors")
        #expect(run.output.isEmpty, "byte \(position)")
      }
    }
    try zoo.folder.write(sound, as: "tiny.safetensors")
    try zoo("verify", path).expectSuccess()
  }
}

/// Copies a fixture with its bytes changed.
private func damage(
  _ fixture: String, in zoo: Zoo, as name: String, _ change: (inout [UInt8]) -> Void
) throws {
  var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: ZooFixtures.path(fixture))))
  change(&bytes)
  try zoo.folder.write(bytes, as: name)
}

/// A byte within the values of `features.conv0.weight`, the first record after the pickle.
private func largestTensor(_ bytes: [UInt8]) -> Int {
  let name = Array("parallel.zip/data/0".utf8)
  let start = bytes.indices.first { bytes[$0...].starts(with: name) } ?? 0
  return start + 600
}
