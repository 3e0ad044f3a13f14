import Foundation
import Testing
import XRayZoo
import ZooFixtures

/// The network of `tools/fixtures/segmentation.py`, as a plugin from elsewhere would have it: each
/// structure is what is darker or brighter than a level.
enum Levels: Architecture {
  struct Configuration: Codable, Hashable, Sendable { var classCount: Int }

  static let id = "example.levels"
  static let endpoints = [Endpoint("maps", "a map for each label", .segmentation)]
  static let defaultResolution = 64

  static func inputChannels(_ configuration: Configuration) -> Int { 1 }

  static func build(
    _ configuration: Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    guard (1...1000).contains(configuration.classCount) else {
      throw ConfigurationError(
        field: "classCount", found: configuration.classCount, expected: "from 1 to 1000")
    }
    builder.endpoint(
      "maps",
      builder.convolution(
        "maps", image, from: 1, to: configuration.classCount, hasBias: true))
  }

  static func role(ofKey key: String) -> KeyRole {
    ["maps.weight", "maps.bias"].contains(key) ? .parameter(key) : .unknown
  }

  static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    tensors["maps.weight"]?.first.map(Configuration.init)
  }
}

/// The same, with maps of half the size.
enum CoarseLevels: Architecture {
  static let id = "example.coarse"
  static let endpoints = Levels.endpoints
  static let defaultResolution = 64

  static func inputChannels(_ configuration: Levels.Configuration) -> Int { 1 }

  static func build(
    _ configuration: Levels.Configuration, on image: Graph.Value, in builder: inout GraphBuilder
  ) throws(ConfigurationError) {
    builder.endpoint(
      "maps",
      builder.convolution(
        "maps", image, from: 1, to: configuration.classCount, WindowGeometry(stride: 2),
        hasBias: true))
  }

  static func role(ofKey key: String) -> KeyRole { Levels.role(ofKey: key) }
  static func recognize(_ tensors: [String: Shape]) -> Levels.Configuration? {
    Levels.recognize(tensors)
  }
}

/// A zoo that knows the network, and what the reference measured.
struct LevelsFixture {
  let folder: TemporaryFolder
  let zoo: Zoo
  let expected: Expected

  init(_ architecture: RegisteredArchitecture = RegisteredArchitecture(Levels.self)) throws {
    folder = try TemporaryFolder()
    zoo = Zoo(
      architectures: [architecture] + Zoo.builtInArchitectures,
      manifest: URL(fileURLWithPath: ZooFixtures.path("segmentation/manifest.json")),
      cache: WeightCache(folder: URL(fileURLWithPath: folder.file("cache"))),
      home: URL(fileURLWithPath: folder.file("home")))
    expected = try Self.expected()
  }

  /// The published model, converted and cached.
  func model() throws -> Model {
    try zoo.fetch("levels", from: ZooFixtures.path("segmentation/levels.safetensors"))
    return try zoo.load("levels")
  }

  /// A model of numbers of one's own: structure `i` is where `weights[i] * pixel + biases[i]` is
  /// above 0.
  func model(weights: [Float], biases: [Float]) throws -> Model {
    let count = weights.count
    let header =
      "{\"maps.weight\":{\"dtype\":\"F32\",\"shape\":[\(count),1,1,1],\"data_offsets\":[0,\(count * 4)]},"
      + "\"maps.bias\":{\"dtype\":\"F32\",\"shape\":[\(count)],\"data_offsets\":[\(count * 4),"
      + "\(count * 8)]}}"
    func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
    let path = try folder.write(
      bytes(UInt64(header.utf8.count), 8) + Array(header.utf8)
        + (weights + biases).flatMap { bytes(UInt64($0.bitPattern), 4) }, as: "own.safetensors")
    return try zoo.load(path)
  }

  static func expected() throws -> Expected {
    let path = ZooFixtures.path("segmentation/expected.json")
    return try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  struct Expected: Decodable {
    struct Region: Decodable {
      let area: Int
      let centroid: [Double]
      let box: [Int]
    }
    struct Part: Decodable {
      let mask: Data
      let shape: [Int]
      let region: Region?
    }
    struct Ratio: Decodable {
      let heart: [Int]
      let thorax: [Int]
      let value: Double
    }
    struct Measured: Decodable {
      let structures: [String: Part]
      let ratio: Ratio?
    }
    struct Image: Decodable {
      let crop: [Int]
      let size: [Int]
      let model: Measured
      let original: Measured
      let meanProbability: [String: Float?]
      let firstProbabilities: [Float]
    }
    struct Drawn: Decodable {
      let mask: Data
      let shape: [Int]
      let region: Region?
      let largest: Region?
    }
    struct Spread: Decodable {
      let mask: Data
      let side: Int
      let size: [Int]
      let crop: [Int]
      let spread: Data
    }
    let images: [String: Image]
    let masks: [Drawn]
    let spreads: [Spread]
  }
}

extension Mask {
  /// The mask of NumPy's `packbits`: row by row, the highest bit first.
  init(width: Int, height: Int, packed: Data) {
    let bytes = Array(packed)
    self.init(width: width, height: height) { x, y in
      let place = y * width + x
      return bytes[place / 8] >> UInt8(7 - place % 8) & 1 == 1
    }
  }
}

/// Compares what was measured with the reference; centroids to a millionth of a pixel.
func expect(
  _ region: Region?, _ expected: LevelsFixture.Expected.Region?, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect((region == nil) == (expected == nil), "\(what)", sourceLocation: sourceLocation)
  guard let region, let expected else { return }
  let box = region.boundingBox
  #expect(region.areaPixels == expected.area, "\(what)", sourceLocation: sourceLocation)
  let found: [Int] = [box.x, box.y, box.width, box.height]
  #expect(found == expected.box, "\(what)", sourceLocation: sourceLocation)
  #expect(
    abs(region.centroid.x - expected.centroid[0]) < 1e-6
      && abs(region.centroid.y - expected.centroid[1]) < 1e-6, "\(what)",
    sourceLocation: sourceLocation)
}
