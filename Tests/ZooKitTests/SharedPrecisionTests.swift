import Foundation
import TestSupport
import Testing
import XRayZoo

/// The demonstration model on real radiographs, which are no part of the repository: bfloat16
/// beside float32, and Winograd's method beside the direct sum.
struct SharedPrecisionTests {
  /// Every PNG and JPEG file, from the folder `shared` beside the repository or where
  /// `XRAYZOO_SHARED` says; nil where there is none.
  private func radiographs() throws -> [URL]? {
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let beside = repository.deletingLastPathComponent().appendingPathComponent("shared")
    let named = environmentValue("XRAYZOO_SHARED").map { URL(fileURLWithPath: $0) }
    let folder = (named ?? beside).appendingPathComponent("xray")
    var files = [URL]()
    for part in ["nih", "covid"] {
      let images = folder.appendingPathComponent("\(part)/images")
      guard FileManager.default.fileExists(atPath: images.path) else {
        print("skipped: no \(images.path)")
        return nil
      }
      let names = try FileManager.default.subpathsOfDirectory(atPath: images.path)
      files += names.sorted().map { images.appendingPathComponent($0) }
    }
    return files.filter { ["png", "jpg", "jpeg"].contains($0.pathExtension.lowercased()) }
  }

  @Test func bfloat16AndWinogradKeepTheNumbers() throws {
    guard let files = try radiographs() else { return }
    func model(_ precision: Precision) throws -> Model {
      try Zoo(
        architectures: Zoo.builtInArchitectures, manifest: nil,
        execution: .init(precision: precision)
      ).load(Zoo.demonstrationModel)
    }
    let (float32, bfloat16) = (try model(.float32), try model(.bfloat16))
    let shape: Shape = [1, 1, 224, 224]
    let endpoints = ["logits", "features", "featureMap"]
    let direct = try float32.session(for: shape, endpoints: endpoints, preferring: .direct)
    let image = Tensor(shape: shape, [Float](repeating: 0, count: 224 * 224))
    let paths = Set(
      try direct.profile([Model.inputName: image], runs: 1).compactMap(\.path))
    #expect(paths == ["direct", "pointwise"])

    var worst: (probability: Float, direct: Float) = (0, 0)
    var count = 0
    for file in files {
      // What is refused is no matter of precision.
      guard let radiograph = try? XRayImage(contentsOf: file) else { continue }
      let name = file.lastPathComponent
      let exact = try float32.predict(radiograph)
      let rounded = try bfloat16.predict(radiograph)
      let differences = zip(exact.scores, rounded.scores).map { abs($0.value - $1.value) }
      let difference = try #require(differences.max())
      #expect(difference < 0.02, "\(name)")
      #expect(exact.ranked.first?.label == rounded.ranked.first?.label, "\(name)")
      worst.probability = max(worst.probability, difference)

      let prepared = try float32.prepare(radiograph)
      let usual = try float32.run(prepared, endpoints: endpoints)
      for (endpoint, expected) in try direct.run([Model.inputName: prepared]) {
        let difference = relativeDifference(usual[endpoint]?.values ?? [], expected.values)
        #expect(difference < 1e-4, "\(name) \(endpoint)")
        worst.direct = max(worst.direct, difference)
      }
      count += 1
    }
    print(
      "\(count) radiographs: worst difference of a probability in bfloat16 \(worst.probability), "
        + "of Winograd's method \(worst.direct) of the output's maximum")
    #expect(count > 60)
  }
}
