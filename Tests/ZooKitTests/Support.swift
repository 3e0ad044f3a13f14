import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// A zoo with the fixtures' manifest, a cache and a home of its own.
struct Fixture {
  let folder: TemporaryFolder
  let zoo: Zoo
  let answers: Answers

  var cache: String { folder.file("cache") }
  var home: String { folder.file("home") }

  init(manifest: String? = ZooFixtures.path("manifest.json")) throws {
    folder = try TemporaryFolder()
    answers = try ZooFixtures.answers()
    zoo = Zoo(
      architectures: Zoo.builtInArchitectures,
      manifest: manifest.map { URL(fileURLWithPath: $0) },
      cache: WeightCache(folder: URL(fileURLWithPath: folder.file("cache"))),
      home: URL(fileURLWithPath: folder.file("home")))
  }

  /// Puts a fixture where torchxrayvision would have downloaded a file to.
  func download(_ fixture: String, as name: String) throws {
    let models = home + "/.torchxrayvision/models_data"
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: ZooFixtures.path(fixture), toPath: models + "/" + name)
  }

  /// The images that the reference prepared: `[2, 1, 64, 64]`.
  func images() throws -> Tensor { try NumPyArray.read(ZooFixtures.path("images.npy")) }

  /// A drawn image.
  func image(_ index: Int) throws -> XRayImage {
    try XRayImage(path: ZooFixtures.path(answers.images[index]))
  }
}

/// The sentence of the error that some work throws, or nil where it throws none.
func message(_ work: () throws -> Void) -> String? {
  do {
    try work()
    return nil
  } catch {
    return "\(error)"
  }
}

extension Tensor {
  /// The values, which tests know to be real.
  var values: [Float] { floats() ?? [] }
}

extension [Float] {
  /// One of several parts of equal length.
  func part(_ index: Int, of count: Int) -> [Float] {
    Array(self[index * (self.count / count)..<(index + 1) * (self.count / count)])
  }
}
