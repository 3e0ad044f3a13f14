import Foundation
import GraphIR
import Testing
import WeightFiles

/// The values in both fixtures, as bytes computed by hand from IEEE 754 and two's complement.
let fixtureTensors: [(name: String, tensor: Tensor)] = [
  ("double", Tensor(.float64, [1], bytes: [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f])),
  (
    "limits",
    Tensor(
      .int64, [2],
      bytes: [UInt8](repeating: 0, count: 7) + [0x80] + [UInt8](repeating: 0xff, count: 7) + [0x7f])
  ),
  ("steps", Tensor(.int64, [], bytes: [7, 0, 0, 0, 0, 0, 0, 0])),
  (
    "classifier.bias",
    Tensor(.float32, [3], bytes: [1, 0, 0, 0, 0, 0, 0x80, 0x7f, 0, 0, 0, 0x80])
  ),
  ("classifier.weight", Tensor(shape: [2, 3], [0.5, -1, 2.25, 3, -4.5, 0.001])),
  ("empty", Tensor(.float32, [0, 4], bytes: [])),
  ("größe \"quoted\"", Tensor(shape: [1], [3])),
  ("brain", Tensor(.bfloat16, [2], bytes: [0xc0, 0x3f, 0x40, 0xc0])),
  ("half", Tensor(.float16, [3], bytes: [0x00, 0x3e, 0xff, 0xfb, 0x01, 0x00])),
  ("bytes", Tensor(.uint8, [2, 1], bytes: [0, 255])),
  ("flags", Tensor(.bool, [3], bytes: [1, 0, 1])),
]

@Suite struct ReadingTests {
  @Test func fileOfTheReferenceImplementation() throws {
    let file = try SafetensorsFile(contentsOf: fixture("reference.safetensors"))
    #expect(file.header.metadata == ["format": "pt", "note": "ü"])
    #expect(file.header.entries.count == fixtureTensors.count)
    for (name, expected) in fixtureTensors {
      let entry = try #require(file.header.entries.first { $0.name == name })
      let tensor = file.tensor(entry)
      #expect(tensor.dtype == expected.dtype)
      #expect(tensor.shape == expected.shape)
      #expect(tensor.bytes == expected.bytes, "\(name)")
    }
  }

  @Test func nativeFileWrittenFromTheSpecification() throws {
    let file = try WeightFile(contentsOf: fixture("native.safetensors"))
    #expect(file.profile == .sample)
    #expect(file.names == fixtureTensors.map(\.name))
    #expect(file.tensors.count == fixtureTensors.count)
    for (name, expected) in fixtureTensors {
      let tensor = try #require(file.tensors[name])
      #expect(tensor.dtype == expected.dtype)
      #expect(tensor.shape == expected.shape)
      #expect(tensor.bytes == expected.bytes, "\(name)")
      let width = tensor.dtype.byteWidth
      #expect(tensor.withUnsafeBytes { Int(bitPattern: $0.baseAddress) % width } == 0)
    }
  }

  @Test func tensorsOutliveTheFile() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("a.safetensors")
    try FileManager.default.copyItem(at: fixture("native.safetensors"), to: url)
    let weight = try WeightFile(contentsOf: url).tensors["classifier.weight"]
    try FileManager.default.removeItem(at: url)
    #expect(weight?.floats() == [0.5, -1, 2.25, 3, -4.5, 0.001])
  }

  @Test func paddingAndOrderOfTheTableDoNotMatter() throws {
    let folder = try TemporaryFolder()
    let header =
      #"{"b":{"data_offsets":[4,6],"shape":[2],"dtype":"U8"},"#
      + #""a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   "#
    let url = try folder.file("a", safetensors(header, data: [0, 0, 0x80, 0x3f, 5, 6]))
    let file = try SafetensorsFile(contentsOf: url)
    #expect(file.header.entries.map(\.name) == ["a", "b"])
    #expect(file.tensor(file.header.entries[0]).floats() == [1])
    #expect(file.tensor(file.header.entries[1]).bytes == [5, 6])
  }

  @Test func emptyTableIsAFile() throws {
    let folder = try TemporaryFolder()
    let file = try SafetensorsFile(contentsOf: folder.file("a", safetensors("{}")))
    #expect(file.header.entries.isEmpty)
  }

  @Test func foreignFileIsToldApart() throws {
    let url = try fixture("reference.safetensors")
    #expect(problem(reading: url) == .noProfile)
  }

  @Test func whatIsNoFile() throws {
    let folder = try TemporaryFolder()
    #expect(problem(reading: folder.url) == .notAFile)
    #expect(
      problem(reading: folder.url.appendingPathComponent("x")) == .system(.open, code: ENOENT))
    #expect(problem(reading: try folder.file("empty", [])) == .tooShort(byteCount: 0))
    let pipe = folder.url.appendingPathComponent("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    #expect(problem(reading: pipe) == .notAFile)
  }
}
