import Foundation
import Imaging
import Testing

/// Real radiographs and what the reference makes of them; they are no part of the repository.
struct SharedXRays {
  struct Reference: Decodable {
    struct Statistics: Decodable {
      let min: Double
      let max: Double
      let mean: Double
      let samples: [Float]
    }
    struct Failure: Decodable { let stage: String }

    let resize224: Statistics?
    let resize512: Statistics?
    let error: Failure?
  }

  struct Table: Decodable {
    let positions: [String: [[Int]]]
    let images: [String: Reference]
  }

  let folder: URL
  let table: Table

  /// Finds the folder `shared` beside the repository, or where `XRAYZOO_SHARED` says.
  init?() throws {
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let beside = repository.deletingLastPathComponent().appendingPathComponent("shared")
    let named = ProcessInfo.processInfo.environment["XRAYZOO_SHARED"]
    folder = (named.map { URL(fileURLWithPath: $0) } ?? beside).appendingPathComponent("xray")
    let json = folder.appendingPathComponent("reference-preprocess.json")
    guard FileManager.default.fileExists(atPath: json.path) else {
      print("skipped: no \(json.path)")
      return nil
    }
    table = try JSONDecoder().decode(Table.self, from: Data(contentsOf: json))
  }
}

struct SharedPreprocessTests {
  /// Files where we do something else than the reference, on purpose.
  static let deviations = [
    "odd/00003656_000_1bit.png", "odd/00003656_000_cmyk.jpg", "odd/00003656_000_gray.bmp",
    "odd/00003656_000_gray.tif",
  ]

  @Test func everyImageIsPreparedAsByTheReference() throws {
    guard let shared = try SharedXRays() else { return }
    // Two grey levels are the most that decoders of one JPEG may differ by.
    let bounds: [ImageContainer: Double] = [.png: 0.02, .jpeg: 2 * 2048 / 255]
    var worst: [ImageContainer: Double] = [:]
    var counts: [ImageContainer: Int] = [:]
    for (path, reference) in shared.table.images.sorted(by: { $0.key < $1.key }) {
      guard let small = reference.resize224, let large = reference.resize512,
        !path.hasPrefix("dicom/"), !Self.deviations.contains(path)
      else { continue }
      let file = shared.folder.appendingPathComponent(path)
      let bytes = Array(try Data(contentsOf: file))
      let container = try #require(bytes.withUnsafeBytes { ImageContainer(sniffing: $0) })
      let bound = try #require(bounds[container])
      let image = try XRayImage(contentsOf: file)
      for (resolution, expected) in [(224, small), (512, large)] {
        let values = try Preprocessing(resolution: resolution).apply(to: image)
        let positions = try #require(shared.table.positions["\(resolution)"])
        #expect(positions.count == 64 && expected.samples.count == 64)
        var differences = zip(positions, expected.samples).map {
          Double(abs(values[$0[0] * resolution + $0[1]] - $1))
        }
        differences.append(abs(Double(values.min() ?? .nan) - expected.min))
        differences.append(abs(Double(values.max() ?? .nan) - expected.max))
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        differences.append(abs(mean - expected.mean))
        let difference = try #require(differences.max())
        #expect(difference < bound, "\(path) at \(resolution)")
        worst[container] = max(worst[container] ?? 0, difference)
      }
      counts[container, default: 0] += 1
    }
    #expect(try #require(counts[.png]) > 50)
    #expect(try #require(counts[.jpeg]) > 20)
    for (container, difference) in worst {
      print(
        "\(counts[container] ?? 0) \(container.rawValue) images: worst difference \(difference)")
    }
  }

  @Test func oddFilesGiveWhatTheDocumentationSays() throws {
    guard let shared = try SharedXRays() else { return }
    func path(_ kind: String) -> String {
      shared.folder.appendingPathComponent("odd/00003656_000_\(kind)").path
    }
    let refused: [(String, ImageError.Reason)] = [
      ("cmyk.jpg", .unsupportedColor(.cmyk)), ("gray.bmp", .unsupportedContainer(.bmp)),
      ("gray.tif", .unsupportedContainer(.tiff)), ("gray12.tif", .unsupportedContainer(.tiff)),
      ("gray.gif", .unsupportedContainer(.gif)), ("truncated.png", .truncated(.png)),
      ("empty.png", .empty),
    ]
    for (kind, reason) in refused {
      let path = path(kind)
      #expect(throws: ImageError(path, reason)) { try XRayImage(path: path) }
    }

    // The same radiograph in 16 and in 8 bits: the reference refuses one and reads the other.
    let deep = try XRayImage(path: path("gray16.png"))
    let plain = try XRayImage(path: path("la.png"))
    let worst = zip(deep.pixels, plain.pixels).map { abs($0 - $1) }.max()
    #expect(try #require(worst) <= 2 * 1024 / 255)
    #expect(Set(try XRayImage(path: path("1bit.png")).pixels) == [-1024, 1024])
    // The camera's note about turning the picture is not followed.
    let turned = try XRayImage(path: path("exif6.jpg"))
    #expect(turned.width == 320 && turned.height == 288)
  }
}
