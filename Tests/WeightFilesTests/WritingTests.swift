import Foundation
import GraphIR
import Testing
import WeightFiles

@Suite struct WritingTests {
  private let folder: TemporaryFolder
  private var url: URL { folder.url.appendingPathComponent("out.safetensors") }
  private let tensors = fixtureTensors.map { TensorToWrite(name: $0.name, $0.tensor) }

  init() throws { folder = try TemporaryFolder() }

  /// `native.safetensors` is made from the specification by another program.
  @Test func sameBytesAsTheSpecification() throws {
    let expected = try Data(contentsOf: fixture("native.safetensors"))
    for order in [tensors, tensors.reversed()] {
      let written = try WeightFile.write(.sample, tensors: order, to: url)
      #expect(try Data(contentsOf: url) == expected)
      #expect(written.byteCount == expected.count)
      #expect(written.roundings.isEmpty)
    }
    #expect(try folder.names == ["out.safetensors"])
  }

  @Test func roundTripOfManyProfiles() throws {
    var profile = WeightProfile.sample
    let strings = ["", "\"\\\u{0}\u{1f}\n\t/", "\u{2028}é\u{1f600}", "\u{7f}"]
    profile.model = .array(
      strings.map { .string($0) } + [
        .integer(.min), .integer(.max), .number(-0.0), .number(.leastNonzeroMagnitude),
        .number(1e300),
        .number(0.1), .number(1), .bool(false), .null,
        .object(["": .array([]), "a": .object([:])]),
      ])
    profile.source = .init(sha256: String(repeating: "0", count: 64), kind: "")
    try WeightFile.write(profile, tensors: [], to: url)
    let file = try WeightFile(contentsOf: url)
    #expect(file.profile == profile)
    #expect(file.names.isEmpty)
    // -0 == 0, so equality does not settle the sign.
    guard case .array(let values) = file.profile.model, case .number(let zero) = values[6] else {
      Issue.record("not an array")
      return
    }
    #expect(zero.sign == .minus)
  }

  @Test func replacesAFile() throws {
    try Data("old".utf8).write(to: url)
    try WeightFile.write(.sample, tensors: tensors, to: url)
    #expect(problem(reading: url) == nil)
  }

  struct Interruption: Error {}

  @Test func interruptionLeavesTheOldFileAndNothingElse() throws {
    try Data("old".utf8).write(to: url)
    let path = folder.url.path
    #expect(throws: Interruption.self) {
      try WeightFile.write(.sample, tensors: tensors, to: url) {
        // By now the temporary file is there.
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 2)
        throw Interruption()
      }
    }
    #expect(try folder.names == ["out.safetensors"])
    #expect(try Data(contentsOf: url) == Data("old".utf8))
  }

  @Test func theSourcesDigestMayComeLate() throws {
    let expected = try Data(contentsOf: fixture("native.safetensors"))
    var profile = WeightProfile.sample
    let digest = profile.source.sha256
    profile.source.sha256 = ""
    let written = try WeightFile.write(profile, tensors: tensors, to: url) { digest }
    #expect(written.sourceDigest == digest)
    #expect(try Data(contentsOf: url) == expected)
  }

  @Test func destinationsThatCannotBe() throws {
    let missing = folder.url.appendingPathComponent("missing/out.safetensors")
    #expect(
      problem { try WeightFile.write(.sample, tensors: tensors, to: missing) }
        == .system(.create, code: ENOENT))
    let directory = folder.url.appendingPathComponent("directory")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    #expect(
      problem { try WeightFile.write(.sample, tensors: tensors, to: directory) }
        == .system(.rename, code: EISDIR))
    let underFile = try folder.file("file", [1]).appendingPathComponent("out.safetensors")
    #expect(
      problem { try WeightFile.write(.sample, tensors: tensors, to: underFile) }
        == .system(.create, code: ENOTDIR))
    #expect(try folder.names == ["directory", "file"])
  }

  /// Access rights do not bind the superuser, so this says nothing when run as one.
  @Test(.enabled(if: geteuid() != 0)) func folderThatIsWriteProtected() throws {
    #expect(chmod(folder.url.path, 0o500) == 0)
    defer { chmod(folder.url.path, 0o700) }
    #expect(
      problem { try WeightFile.write(.sample, tensors: tensors, to: url) }
        == .system(.create, code: EACCES))
  }

  @Test func longestFileName() throws {
    let long = folder.url.appendingPathComponent(String(repeating: "n", count: 255))
    try WeightFile.write(.sample, tensors: tensors, to: long)
    #expect(problem(reading: long) == nil)
  }

  @Test func tensorsThatCannotBe() throws {
    func refusal(_ tensors: TensorToWrite...) -> WeightFileError.Problem? {
      problem { try WeightFile.write(.sample, tensors: tensors, to: url) }
    }
    func tensor(_ name: String, _ dtype: DType = .uint8) -> TensorToWrite {
      TensorToWrite(name: name, Tensor(dtype, [0], bytes: []))
    }
    let long = String(repeating: "a", count: 1025)
    #expect(refusal(tensor("a"), tensor("b"), tensor("a")) == .duplicateName("a"))
    #expect(refusal(tensor("")) == .unwritableName("", limit: 1024))
    #expect(refusal(tensor(long)) == .unwritableName(long, limit: 1024))
    #expect(refusal(tensor("__metadata__")) == .unwritableName("__metadata__", limit: 1024))
    #expect(refusal(tensor("a", .complex128)) == .unwritableDType(.complex128, tensor: "a"))
    #expect(try folder.names.isEmpty)
  }

  @Test func profilesThatCannotBeReadBack() throws {
    func refusal(_ change: (inout WeightProfile) -> Void) -> WeightFileError.Problem? {
      var profile = WeightProfile.sample
      change(&profile)
      return problem { try WeightFile.write(profile, tensors: [], to: url) }
    }
    for digest in ["", String(repeating: "A", count: 64), String(repeating: "a", count: 63)] {
      let error = JSONFieldError.wrongType(
        path: "xrayzoo.source.sha256", expected: "64 lower-case hexadecimal digits",
        found: "another string")
      #expect(refusal { $0.source.sha256 = digest } == .profileField(error))
    }
    for number in [Double.nan, .infinity, -.infinity] {
      guard case .profileSyntax = refusal({ $0.model = .number(number) }) else {
        Issue.record("\(number) was written")
        continue
      }
    }
    let deep = (0..<64).reduce(JSONValue.null) { value, _ in .array([value]) }
    guard case .profileSyntax(let error) = refusal({ $0.model = deep }) else {
      Issue.record("too deep a model was written")
      return
    }
    #expect(error.problem == .tooDeep(limit: 64))
    #expect(try folder.names.isEmpty)
  }
}
