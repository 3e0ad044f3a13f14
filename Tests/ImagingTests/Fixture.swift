import Foundation
import Imaging
import Testing

/// The files beside the tests; their JSON names the generator.
enum Fixture {
  static func url(_ path: String) throws -> URL {
    let folder = try #require(Bundle.module.resourceURL)
    return folder.appendingPathComponent("Fixtures").appendingPathComponent(path)
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: url(path)))
  }

  static func json<Value: Decodable>(_ path: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: url(path)))
  }
}

/// Decodes bytes under a name that gives nothing away.
func decode(_ bytes: [UInt8]) throws(ImageError) -> DecodedImage {
  let result = bytes.withUnsafeBytes { bytes in
    Result { () throws(ImageError) in try DecodedImage(bytes: bytes, name: "chest") }
  }
  return try result.get()
}

/// The reason of the error that decoding throws, or nil if it throws none.
func refusal(of bytes: [UInt8]) -> ImageError.Reason? {
  do throws(ImageError) {
    _ = try decode(bytes)
    return nil
  } catch {
    return error.reason
  }
}

/// A folder for one test, removed with it.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("imaging-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
