import Foundation
import GraphIR
import Testing
import WeightFiles

/// Native files with sound digests whose profile is at fault.
@Suite struct ProfileTests {
  /// A file with that profile and one tensor `a`, digests in place.
  private func native(_ profile: String) -> [UInt8] {
    var bytes = safetensors(
      HeaderDigest.opening + HeaderDigest.placeholder + #"","xrayzoo":"#
        + JSONValue.string(profile).text
        + #"},"a":{"data_offsets":[0,1],"dtype":"U8","shape":[1]}}"#)
    bytes.replaceSubrange(
      HeaderDigest.range, with: bytes.withUnsafeBytes { HeaderDigest.of($0) }.utf8)
    return bytes + [5]
  }

  /// SHA-256 of the byte 5, from `printf '\5' | sha256sum`.
  private static let digest = "e77b9a9ae9e30b0dbdb6f510a264ef9de781501d7b6b92ae89eb059c5ab743db"

  private func profile(
    start: String = #""format":1,"requires":[],"#,
    architecture: String = #"{"id":"x","configuration":{}}"#,
    source: String = #"{"sha256":"\#(digest)","kind":"k"}"#,
    tensors: String = #"{"a":"\#(digest)"}"#
  ) -> String {
    "{\(start)\"architecture\":\(architecture),\"source\":\(source),\"tensors\":\(tensors)}"
  }

  private func problem(_ profile: String) throws -> WeightFileError.Problem? {
    let folder = try TemporaryFolder()
    return WeightFilesTests.problem(reading: try folder.file("a", native(profile)))
  }

  @Test func leastProfile() throws {
    let folder = try TemporaryFolder()
    let url = try folder.file("a", native(profile()))
    let file = try WeightFile(contentsOf: url)
    #expect(file.profile.model == .null)
    #expect(file.profile.source == .init(sha256: Self.digest, kind: "k"))
    #expect(file.tensors["a"]?.bytes == [5])
  }

  @Test func unknownMembersAreIgnored() throws {
    #expect(try problem(profile(start: #""format":1,"requires":[],"comment":{"x":[1]},"#)) == nil)
  }

  @Test func laterVersion() throws {
    #expect(try problem(profile(start: #""format":2,"#)) == .formatVersion(2, known: 1))
    #expect(try problem(#"{"format":0}"#) == .formatVersion(0, known: 1))
  }

  @Test func unknownFeature() throws {
    #expect(
      try problem(profile(start: #""format":1,"requires":["graph"],"#)) == .unknownFeature("graph"))
  }

  @Test func missingAndMistypedMembers() throws {
    typealias Example = (String, JSONFieldError)
    let examples: [Example] = [
      ("[]", .wrongType(path: "xrayzoo", expected: "an object", found: "an array")),
      ("{}", .missing(path: "xrayzoo.format")),
      (
        #"{"format":"1"}"#,
        .wrongType(path: "xrayzoo.format", expected: "a whole number", found: "a string")
      ),
      (
        #"{"format":1.0}"#,
        .wrongType(path: "xrayzoo.format", expected: "a whole number", found: "another number")
      ),
      (#"{"format":1}"#, .missing(path: "xrayzoo.requires")),
      (
        #"{"format":1,"requires":[1]}"#,
        .wrongType(path: "xrayzoo.requires", expected: "a string", found: "a number")
      ),
      (profile(architecture: "null"), .missing(path: "xrayzoo.architecture")),
      (profile(architecture: "{}"), .missing(path: "xrayzoo.architecture.id")),
      (profile(source: #"{"kind":"k"}"#), .missing(path: "xrayzoo.source.sha256")),
      (
        profile(source: #"{"kind":"k","sha256":"\#(Self.digest.uppercased())"}"#),
        .wrongType(
          path: "xrayzoo.source.sha256", expected: "64 lower-case hexadecimal digits",
          found: "another string")
      ),
      (
        profile(tensors: #"{"a":1}"#),
        .wrongType(path: "xrayzoo.tensors", expected: "a string", found: "a number")
      ),
    ]
    for (text, expected) in examples {
      #expect(try problem(text) == .profileField(expected), "\(text)")
    }
  }

  @Test func brokenProfile() throws {
    let error = JSONSyntaxError(offset: 1, problem: .unexpectedEnd)
    #expect(try problem("{") == .profileSyntax(error))
    let deep = JSONSyntaxError(offset: 64, problem: .tooDeep(limit: 64))
    #expect(try problem(String(repeating: "[", count: 200)) == .profileSyntax(deep))
  }

  @Test func digestsAndTensorsMustAgree() throws {
    #expect(try problem(profile(tensors: "{}")) == .noDigest(tensor: "a"))
    #expect(
      try problem(profile(tensors: #"{"a":"\#(Self.digest)","b":"x"}"#)) == .noTensor(digest: "b"))
    #expect(
      try problem(profile(tensors: #"{"a":"\#(Self.digest.uppercased())"}"#)) == .tensorChanged("a")
    )
  }
}
