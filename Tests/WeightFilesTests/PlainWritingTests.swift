import Foundation
import GraphIR
import Testing
import WeightFiles

/// Files without a profile, and values that take several blocks.
@Suite struct PlainWritingTests {
  private let folder: TemporaryFolder
  private var url: URL { folder.url.appendingPathComponent("out.safetensors") }

  init() throws { folder = try TemporaryFolder() }

  /// Written out by hand: widest elements first, then names; padding up to 64 bytes.
  @Test func bytesByHand() throws {
    let tensors = [
      TensorToWrite(name: "b", Tensor(.uint8, [2], bytes: [1, 2])),
      TensorToWrite(name: "c", Tensor(shape: [1], [1])),
      TensorToWrite(name: "a", Tensor(shape: [], [1.5]), as: .bfloat16),
    ]
    let header =
      #"{"__metadata__":{"format":"pt","z":"\n"},"#
      + #""c":{"data_offsets":[0,4],"dtype":"F32","shape":[1]},"#
      + #""a":{"data_offsets":[4,6],"dtype":"BF16","shape":[]},"#
      + #""b":{"data_offsets":[6,8],"dtype":"U8","shape":[2]}}"#
    let padding = repeatElement(UInt8(ascii: " "), count: 248 - header.utf8.count)
    let padded = Array(header.utf8) + padding
    let expected = [248, 0, 0, 0, 0, 0, 0, 0] + padded + [0, 0, 0x80, 0x3f, 0xc0, 0x3f, 1, 2]
    for order in [tensors, tensors.reversed()] {
      let written = try SafetensorsFile.write(
        order, metadata: ["z": "\n", "format": "pt"], to: url)
      #expect(try [UInt8](Data(contentsOf: url)) == expected)
      #expect(written.byteCount == 264 && written.sourceDigest == nil)
      #expect(written.roundings == ["a": Rounding()])
    }
    #expect(try folder.names == ["out.safetensors"])
    #expect(problem(reading: url) == .noProfile)
  }

  /// Three blocks and a part of one, whole and rounded, with the largest loss in any of them.
  @Test(arguments: [nil, 0, 262_143, 262_144, 600_000, 800_000] as [Int?])
  func manyBlocks(_ place: Int?) throws {
    var values = (0..<800_001).map { Float($0 % 256) }
    if let place { values[place] = 0.1 }
    let tensor = Tensor(shape: [3, 266_667], values)
    try WeightFile.write(
      .sample,
      tensors: [
        TensorToWrite(name: "whole", tensor), TensorToWrite(name: "half", tensor, as: .float16),
        TensorToWrite(name: "brain", tensor, as: .bfloat16),
      ], to: url)
    // Opening compares each tensor's digest.
    let file = try WeightFile(contentsOf: url)
    #expect(file.tensors["whole"]?.floats() == values)
    // Whole numbers up to 256 are exact in either type.
    for (name, near) in [("half", Float(0.099975586)), ("brain", 0.100097656)] {
      if let place { values[place] = near }
      #expect(file.tensors[name]?.floats() == values)
    }
    let written = try SafetensorsFile.write(
      [TensorToWrite(name: "half", tensor, as: .float16)], metadata: [:], to: url)
    let loss = try #require(written.roundings["half"])
    #expect(loss.absolute == (place == nil ? 0 : Double(0.1 - 0.099975586 as Float)))
    #expect((loss.relative > 0) == (place != nil))
  }

  /// The values of a mapped file are written from its pages, which are given back.
  @Test func aMappedFileGoesThroughUnchanged() throws {
    let values = (0..<700_000).map { Float($0) }
    let source = folder.url.appendingPathComponent("in.safetensors")
    let names = ["a", "b", "c"]
    try SafetensorsFile.write(
      names.map { TensorToWrite(name: $0, Tensor(shape: [700_000], values)) }, metadata: [:],
      to: source)
    let file = try SafetensorsFile(contentsOf: source)
    try SafetensorsFile.write(
      file.header.entries.map { TensorToWrite(name: $0.name, file.tensor($0)) }, metadata: [:],
      to: url)
    #if os(Linux)
      let first = file.tensor(try #require(file.header.entries.first))
      #expect(try residentKilobytes(of: first) < 64)
    #endif
    #expect(try Data(contentsOf: source) == Data(contentsOf: url))
    for entry in file.header.entries { #expect(file.tensor(entry).floats() == values) }
  }

  #if os(Linux)
    /// What the kernel counts for the mapping in which a tensor lies.
    private func residentKilobytes(of tensor: Tensor) throws -> Int {
      let address = tensor.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
      let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
      let maps = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
      let lines = maps.split(separator: "\n").drop { line in
        let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap {
          UInt($0, radix: 16)
        }
        return ends.count != 2 || !(ends[0]..<ends[1]).contains(address)
      }
      let resident = try #require(lines.first { $0.hasPrefix("Rss:") })
      return try #require(Int(resident.split(separator: " ")[1]))
    }
  #endif

  @Test func whatCannotBeWritten() throws {
    let tensor = Tensor(.complex128, [0], bytes: [])
    #expect(
      problem {
        try SafetensorsFile.write([TensorToWrite(name: "a", tensor)], metadata: [:], to: url)
      } == .unwritableDType(.complex128, tensor: "a"))
    let twice = [0, 1].map { _ in TensorToWrite(name: "a", Tensor(shape: [0], [])) }
    #expect(
      problem { try SafetensorsFile.write(twice, metadata: [:], to: url) } == .duplicateName("a"))
    let missing = folder.url.appendingPathComponent("missing/out.safetensors")
    #expect(
      problem { try SafetensorsFile.write([], metadata: [:], to: missing) }
        == .system(.create, code: ENOENT))
    #expect(try folder.names.isEmpty)
  }
}
