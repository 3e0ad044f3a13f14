import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// Tensors of no known network: fixtures of `tools/fixtures/conversions.py`.
@Suite struct PlainConversionTests {
  static let sources = ["conversions/mixed.zip.pt", "conversions/mixed.legacy.pt"]
  static let dtypes: [(name: String, dtype: DType?)] = [
    ("none", nil), ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16),
  ]

  @Test(arguments: sources, dtypes)
  func bytesAndLossesAreThoseOfPyTorch(
    _ source: String, _ asked: (name: String, dtype: DType?)
  ) throws {
    let fixture = try Fixture()
    let output = fixture.folder.file("out.safetensors")
    let conversion = try fixture.zoo.convert(
      ZooFixtures.path(source), to: output, options: .init(dtype: asked.dtype))
    #expect(conversion.network == nil && conversion.sourceDigest == nil)
    let expected = try #require(ZooFixtures.conversions().tensors[asked.name])
    let file = try RawSafetensors(output)
    #expect(file.metadata == ["format": "pt"])
    #expect(file.tensors.count == conversion.tensors.count)
    #expect(file.tensors.count == (source.contains("zip") ? expected.count : expected.count - 2))
    for tensor in conversion.tensors {
      let answer = try #require(expected[tensor.name])
      let stored = try #require(file.tensors[tensor.name])
      #expect(stored.dtype == answer.dtype, "\(tensor.name)")
      #expect(stored.shape == answer.shape, "\(tensor.name)")
      #expect(stored.bytes == answer.bytes, "\(tensor.name)")
      #expect(tensor.dtype.rawValue == answer.dtype, "\(tensor.name)")
      let loss = tensor.rounding.map { [$0.absolute, $0.relative] }
      #expect(loss == answer.loss, "\(tensor.name)")
    }
    #expect(
      conversion.facts.contains {
        $0.name == "tied" && $0.value.hasPrefix("tied.input, tied.output share ")
      })
    // One line tells that this is no model.
    let plain = conversion.facts.filter { $0.name == "plain safetensors" }
    #expect(plain.count == 1 && plain[0].value.contains("zoo run cannot run it"))
    let error = #expect(throws: ZooError.self) { try fixture.zoo.load(output) }
    guard case .unrecognized? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func theSameBytesEveryTime() throws {
    let fixture = try Fixture()
    let paths = ["a", "b"].map { fixture.folder.file($0) }
    for path in paths {
      try fixture.zoo.convert(
        ZooFixtures.path(Self.sources[0]), to: path, options: .init(dtype: .bfloat16))
    }
    let bytes = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(bytes[0] == bytes[1])
    #expect(fixture.folder.names == ["a", "b"])
  }

  @Test(arguments: [("ema", Float(2)), ("model", 1)])
  func theKeyDecidesWhichTensorsAreTaken(_ key: String, _ value: Float) throws {
    let fixture = try Fixture()
    let output = fixture.folder.file("out.safetensors")
    let conversion = try fixture.zoo.convert(
      ZooFixtures.path("conversions/keys.zip.pt"), to: output, options: .init(key: key))
    #expect(conversion.facts.contains { $0.name == "found under" && $0.value == key })
    #expect(
      try RawSafetensors(output).tensors["w"]?.bytes
        == withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) })
  }

  @Test func aSafetensorsFileHasNoKeys() throws {
    let fixture = try Fixture()
    let path = ZooFixtures.path("plain.safetensors")
    let text = message {
      try fixture.zoo.convert(
        path, to: fixture.folder.file("out"), options: .init(key: "model"))
    }
    #expect(text == "\(path): is a safetensors file, which has no keys; leave --key out")
    #expect(throws: ZooError.self) { try fixture.zoo.inspect(path, key: "model") }
  }

  @Test func complexNumbersOf128BitsAreRefusedByName() throws {
    let fixture = try Fixture()
    let text = try #require(
      message {
        try fixture.zoo.convert(
          ZooFixtures.path("conversions/complex128.zip.pt"), to: fixture.folder.file("out"))
      })
    #expect(text.contains(#"the tensor "wide": safetensors has no type C128; save it as"#))
    #expect(fixture.folder.names.isEmpty)
  }

  @Test func anotherProgramsMetadataStay() throws {
    let fixture = try Fixture()
    let (first, second) = (fixture.folder.file("a"), fixture.folder.file("b"))
    let header =
      #"{"__metadata__":{"format":"mlx","note":"ü"},"#
      + #""w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += header.utf8 + [0, 0, 128, 63]
    try fixture.folder.write(bytes, as: "a")
    try fixture.zoo.convert(first, to: second, options: .init(dtype: .float16))
    let file = try RawSafetensors(second)
    #expect(file.metadata == ["format": "mlx", "note": "ü"])
    #expect(file.tensors["w"]?.bytes == Data([0, 0x3c]))
  }

  /// Asked for, even a known network's tensors are written as the file names them.
  @Test(arguments: ["parallel.zip.pt", "near-miss.legacy.pt", "no-bottleneck.legacy.pt"])
  func plainTakesAnyTensors(_ source: String) throws {
    let fixture = try Fixture()
    let output = fixture.folder.file("out.safetensors")
    let conversion = try fixture.zoo.convert(
      ZooFixtures.path(source), to: output, options: .init(isPlain: true))
    #expect(conversion.network == nil)
    let report = try fixture.zoo.inspect(ZooFixtures.path(source))
    let file = try RawSafetensors(output)
    #expect(Set(file.tensors.keys) == Set(report.tensors.map(\.name)))
    #expect(file.tensors.keys.contains("features.norm0.num_batches_tracked"))
    #expect(file.metadata == ["format": "pt"])
  }

  @Test func aNativeFileLosesItsProfile() throws {
    let fixture = try Fixture()
    let (first, second) = (fixture.folder.file("a"), fixture.folder.file("b"))
    try fixture.zoo.convert(ZooFixtures.path("parallel.zip.pt"), to: first)
    try fixture.zoo.convert(first, to: second, options: .init(isPlain: true))
    #expect(try RawSafetensors(second).metadata == ["format": "pt"])
    #expect(try fixture.zoo.inspect(second).kind == "safetensors")
  }
}

/// A safetensors file, read by nothing but its specification: a length, a JSON header, the values.
struct RawSafetensors {
  struct Entry {
    let dtype: String
    let shape: [Int]
    let bytes: Data
  }

  private(set) var metadata: [String: String] = [:]
  private(set) var tensors: [String: Entry] = [:]

  init(_ path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(
      try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any])
    for (name, value) in header {
      if name == "__metadata__" {
        metadata = try #require(value as? [String: String])
        continue
      }
      let entry = try #require(value as? [String: Any])
      let offsets = try #require(entry["data_offsets"] as? [Int]).map { $0 + 8 + length }
      tensors[name] = Entry(
        dtype: try #require(entry["dtype"] as? String),
        shape: try #require(entry["shape"] as? [Int]), bytes: Data(bytes[offsets[0]..<offsets[1]]))
    }
  }
}
