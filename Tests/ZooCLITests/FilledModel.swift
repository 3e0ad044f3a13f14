import Foundation
import GraphIR
import TestSupport
import Testing
import WeightFiles
import ZooFixtures

/// A network whose layers are too wide for a committed file: filled from the counter generator and
/// converted by `zoo` once for a whole suite, which finds it in `path` and its manifest in
/// `manifest`.
struct FilledModel: SuiteTrait, TestScoping {
  /// The native file.
  @TaskLocal static var path = ""
  /// The manifest that has the model.
  @TaskLocal static var manifest = ""

  private let name: String
  private let entry: String
  private let weights: @Sendable () throws -> [String: Tensor]

  /// Names a model.
  ///
  /// - Parameters:
  ///   - name: the model's name.
  ///   - entry: what its entry in the manifest says beyond that, as members of a JSON object.
  ///   - weights: its parameters by their published names.
  init(
    _ name: String, _ entry: String, weights: @escaping @Sendable () throws -> [String: Tensor]
  ) {
    self.name = name
    self.entry = entry
    self.weights = weights
  }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let zoo = try Zoo()
    let manifest = try zoo.folder.write(
      """
      {"format": 1, "models": [{
        "name": "\(name)", "source": {"kind": "safetensors"}, "licence": "made for tests",
        "citations": [], "intendedUse": "tests", \(entry)
      }]}
      """.utf8, as: "manifest.json")
    let source = zoo.folder.file("weights.safetensors")
    _ = try SafetensorsFile.write(
      weights().sorted { $0.key < $1.key }.map { TensorToWrite(name: $0.key, $0.value) },
      metadata: [:], to: URL(fileURLWithPath: source))
    let native = zoo.folder.file(name + ".safetensors")
    try zoo("convert", source, "-o", native, "--as", name, "--manifest", manifest).expectSuccess()
    try FileManager.default.removeItem(atPath: source)
    try await Self.$path.withValue(native) {
      try await Self.$manifest.withValue(manifest) { try await function() }
    }
    // The folder goes with its owner.
    withExtendedLifetime(zoo) {}
  }
}
