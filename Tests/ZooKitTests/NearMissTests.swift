import Foundation
import Testing
import XRayZoo
import ZooFixtures

/// Where the line runs between a network with faults and tensors of something else.
@Suite struct NearMissTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  /// The parameters of a network of one block with one layer, the four that tell the network first.
  ///
  /// By hand: 1 convolution and 4 tensors of norm0; 4, 1, 4 and 1 of the layer; 4 of norm5; 2 of the
  /// classifier.
  private static let parameters: [(name: String, shape: [Int])] = {
    let layer = "features.denseblock1.denselayer1"
    func norm(_ name: String, _ channels: Int) -> [(String, [Int])] {
      ["weight", "bias", "running_mean", "running_var"].map { ("\(name).\($0)", [channels]) }
    }
    return [
      ("features.conv0.weight", [8, 1, 7, 7]), ("\(layer).conv1.weight", [8, 8, 1, 1]),
      ("\(layer).conv2.weight", [4, 8, 3, 3]), ("classifier.weight", [5, 12]),
      ("classifier.bias", [5]),
    ] + norm("features.norm0", 8) + norm("\(layer).norm1", 8) + norm("\(layer).norm2", 8)
      + norm("features.norm5", 12)
  }()

  /// Writes tensors of zeros.
  private func write(_ tensors: [(name: String, shape: [Int])]) throws -> String {
    var entries = [String]()
    var end = 0
    for (name, shape) in tensors {
      let start = end
      end += 4 * shape.reduce(1, *)
      let quoted = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
      entries.append(
        "\(quoted):{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}")
    }
    let header = "{\(entries.joined(separator: ","))}"
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += header.utf8
    return try fixture.folder.write(
      bytes + repeatElement(0, count: end), as: "in.safetensors")
  }

  private var output: String { fixture.folder.file("out.safetensors") }

  @Test func allOfThemAreTheNetwork() throws {
    #expect(Self.parameters.count == 21)
    let conversion = try fixture.zoo.convert(try write(Self.parameters), to: output)
    #expect(conversion.network?.architecture == "densenet")
  }

  /// 11 of 21 are at least half, 10 are not.
  @Test func halfOfTheNamesMakeANearMiss() throws {
    let near = try write(Array(Self.parameters.prefix(11)))
    let error = #expect(throws: ZooError.self) { try fixture.zoo.convert(near, to: output) }
    guard case .mismatch(_, "densenet", 21, let mismatches)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(mismatches == Self.parameters.dropFirst(11).map { .missing($0.name) }.sorted())
    #expect(fixture.folder.names == ["in.safetensors"])

    let far = try write(Array(Self.parameters.prefix(10)))
    let conversion = try fixture.zoo.convert(far, to: output)
    #expect(conversion.network == nil)
    #expect(conversion.tensors.count == 10)
    // Named outright, nothing is plain without a word.
    #expect(throws: ZooError.self) {
      try fixture.zoo.convert(far, to: output, options: .init(architecture: "densenet"))
    }
    #expect(throws: ZooError.self) { try fixture.zoo.convert(far, to: output, as: "tiny") }
    #expect(throws: ZooError.self) { try fixture.zoo.load(far) }
    #expect(throws: ZooError.self) { try fixture.zoo.fetch("tiny", from: far) }
    #expect(try fixture.zoo.inspect(far).differences.count == 11)
  }

  /// A tensor of another shape is there by name.
  @Test func shapesDoNotMakeItFar() throws {
    let misshapen = Self.parameters.map { name, shape in
      (name, name.contains("norm") ? [3] : shape)
    }
    let error = #expect(throws: ZooError.self) {
      try fixture.zoo.convert(try write(misshapen), to: output)
    }
    let lines = try #require(error).lines
    #expect(lines.count == 12)
    #expect(lines[0].contains("of whose 21 parameters 5 fit"))
    #expect(lines.last == "  and 6 more")
  }

  /// Names that are nearly right stand first; a name of another shape is another tensor.
  @Test func nearNamesOfOneShapeArePaired() throws {
    var tensors = Self.parameters
    tensors[4].name = "classifier.bais"
    tensors[8] = ("features.norm0.running_vra", [9])
    tensors.append(("features.extra", [1]))
    let error = #expect(throws: ZooError.self) {
      try fixture.zoo.convert(try write(tensors), to: output)
    }
    #expect(
      try #require(error).lines.dropFirst() == [
        #"  classifier.bias is missing, is it "classifier.bais"?"#,
        "  features.norm0.running_var is missing",
        #"  "features.norm0.running_vra" is not needed"#, #"  "features.extra" is not needed"#,
      ])
  }

  /// The time to compare names grows with their length and number, and a file can make both large.
  @Test(.timeLimit(.minutes(1))) func hostileNamesCostNoTime() throws {
    let long = String(repeating: "features.norm0.", count: 200_000)
    let broken = "a\nzoo: all is well\u{1b}[2J\u{202e}"
    var tensors = Array(Self.parameters.dropLast())
    tensors += [(long, [12]), (broken, [12])]
    let error = #expect(throws: ZooError.self) {
      try fixture.zoo.convert(try write(tensors), to: output)
    }
    let lines = try #require(error).lines
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { !$0.contains("\n") && !$0.contains("\u{1b}") })
    #expect(lines[1...].allSatisfy { $0.utf8.count < 120 })

    let many = (0..<20_000).map { ("features.norm5.running_vra\($0)", [12]) }
    let start = ContinuousClock.now
    let report = try fixture.zoo.inspect(try write(Array(Self.parameters.dropLast()) + many))
    #expect(report.differences.count == 20_001)
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}

extension [TensorMismatch] {
  /// In the order in which the network meets its parameters.
  fileprivate func sorted() -> [TensorMismatch] {
    let order = ["norm0", "norm1", "norm2", "norm5"]
    return enumerated().sorted { a, b in
      let places = [a, b].map { item in
        order.firstIndex { item.element.description.contains($0) } ?? 0
      }
      return (places[0], a.offset) < (places[1], b.offset)
    }.map(\.element)
  }
}
