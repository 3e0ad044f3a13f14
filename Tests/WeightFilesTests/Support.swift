import Foundation
import GraphIR
import Testing
import WeightFiles

/// A folder of its own for one test, gone afterwards.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The names of everything in the folder, hidden files included.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }

  func file(_ name: String, _ data: Data) throws -> URL {
    let file = url.appendingPathComponent(name)
    try data.write(to: file)
    return file
  }

  func file(_ name: String, _ bytes: [UInt8]) throws -> URL { try file(name, Data(bytes)) }
}

func fixture(_ name: String) throws -> URL {
  try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
}

/// Overwrites one byte of a file in place.
func patch(_ url: URL, at index: Int, with byte: UInt8) throws {
  let file = try FileHandle(forUpdating: url)
  defer { try? file.close() }
  try file.seek(toOffset: UInt64(index))
  try file.write(contentsOf: [byte])
}

/// The bytes of a safetensors file with that header, unpadded, and that data.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + header.utf8 + data
}

/// The problem with which reading fails, or nil where it works.
func problem(reading url: URL) -> WeightFileError.Problem? {
  problem { _ = try WeightFile(contentsOf: url) }
}

func problem(_ body: () throws -> Void) -> WeightFileError.Problem? {
  do {
    try body()
    return nil
  } catch let error as WeightFileError {
    return error.problem
  } catch {
    Issue.record("unexpected error \(error)")
    return nil
  }
}

extension WeightProfile {
  /// What `native.safetensors` says.
  static let sample = WeightProfile(
    architecture: Architecture(
      id: "densenet",
      configuration: .object([
        "blocks": .array([.integer(6), .integer(12)]), "dropout": .number(0.25),
        "bias": .bool(true),
      ])),
    model: .object([
      "name": .string("sample"), "labels": .array([.string("Effusion"), .null]),
      "operatingPoints": .array([.number(0.07422872), .null]),
    ]),
    source: Source(
      url: "https://example.org/sample.pt", sha256: String(repeating: "ab", count: 32),
      kind: "pytorch-legacy", name: "sample \\ 1.pt"))
}

extension Tensor {
  init(_ dtype: DType, _ shape: Shape, bytes: [UInt8]) {
    let storage = ByteStorage(count: bytes.count) { $0.copyBytes(from: bytes) }
    self.init(dtype: dtype, shape: shape, storage: storage)
  }

  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
