import Foundation
import GraphIR
import Testing
import WeightFiles

/// The wording of every refusal.
@Suite struct ErrorSentenceTests {
  typealias Problem = WeightFileError.Problem

  static let sentences: [(Problem, String)] = [
    (.system(.open, code: ENOENT), "cannot be opened: No such file or directory"),
    (.system(.map, code: ENOMEM), "cannot be mapped into memory: Cannot allocate memory"),
    (.system(.create, code: EACCES), "cannot be created: Permission denied"),
    (.system(.write, code: ENOSPC), "cannot be written: No space left on device"),
    (.system(.rename, code: EISDIR), "cannot be put in place: Is a directory"),
    (.notAFile, "is not a file"),
    (.tooShort(byteCount: 0), "is empty"),
    (
      .tooShort(byteCount: 5),
      "is no safetensors file: it has 5 bytes, fewer than the shortest"
    ),
    (
      .headerLength(400, byteCount: 300, limit: 1000),
      "is cut short or no safetensors file: its header of 400 bytes does not fit the file's 300"
    ),
    (
      .headerLength(1001, byteCount: 5000, limit: 1000),
      "is no safetensors file: its header would have 1001 bytes, more than 1000"
    ),
    (.notSafetensors, "is no safetensors file: its header is no JSON object"),
    (
      .headerSyntax(JSONSyntaxError(offset: 7, problem: .duplicateKey("a\nb"))),
      #"has a broken safetensors header: the key "a?b" occurs twice at byte 7"#
    ),
    (.metadata, "has a broken safetensors header: __metadata__ must hold nothing but strings"),
    (
      .entry(tensor: "w"),
      #"has a broken safetensors header: "w" needs a dtype, a shape and two data_offsets"#
    ),
    (
      .dtype("F31", tensor: "w"),
      #"holds the tensor "w" of type "F31", which is not known here"#
    ),
    (.shape(tensor: "w"), #"has a broken safetensors header: the shape of "w" is impossible"#),
    (
      .offsets(tensor: "w", start: 0, end: 9, available: 4),
      #"is cut short or broken: "w" should take bytes 0 to 9 of the data, which has 4"#
    ),
    (
      .size(tensor: "w", found: 3, expected: 4),
      #"has a broken safetensors header: "w" needs 4 bytes but is given 3"#
    ),
    (
      .misplaced(tensor: "w", start: 9, expected: 8),
      #"has a broken safetensors header: "w" starts at byte 9, where 8 was due"#
    ),
    (.dataEnd(70, byteCount: 71), "is broken: its tensors end at byte 70, the file at 71"),
    (
      .noProfile, "is a safetensors file of another program: run `zoo convert` on it first"
    ),
    (
      .headerChanged,
      "was changed since it was written: its header does not match its digest; "
        + "convert or fetch it again"
    ),
    (
      .tensorChanged("w"),
      #"was changed since it was written: the tensor "w" does not match its digest; "#
        + "convert or fetch it again"
    ),
    (
      .formatVersion(2, known: 1),
      "has version 2 of the native format, this program reads version 1: update the program, "
        + "or convert the source file again"
    ),
    (
      .unknownFeature("graph"),
      #"needs the feature "graph", which this program does not have: update it"#
    ),
    (
      .profileSyntax(JSONSyntaxError(offset: 3, problem: .unexpectedEnd)),
      "has an invalid profile: the text ends too early at byte 3"
    ),
    (
      .profileField(.missing(path: "xrayzoo.format")),
      "has an invalid profile: xrayzoo.format is missing"
    ),
    (.noDigest(tensor: "w"), #"has no digest for the tensor "w"; convert or fetch it again"#),
    (
      .noTensor(digest: "w"),
      #"has a digest for "w" but no such tensor; convert or fetch it again"#
    ),
    (
      .unwritableDType(.complex128, tensor: "w"),
      #"cannot hold the tensor "w": safetensors has no type C128; "#
        + "save it as another type, such as complex64, or leave it out"
    ),
    (
      .unwritableName("", limit: 9),
      #"cannot hold a tensor named "": a name has 1 to 9 bytes and is not __metadata__"#
    ),
    (.duplicateName("w"), #"cannot hold two tensors named "w""#),
    (
      .headerTooLong(12, limit: 9),
      "cannot be written: its header would have 12 bytes, more than 9"
    ),
  ]

  @Test(arguments: sentences)
  func sentence(_ problem: Problem, _ expected: String) {
    #expect("\(WeightFileError(file: "/a/b.zoo", problem: problem))" == "/a/b.zoo \(expected)")
  }

  @Test func readingNamesTheFile() throws {
    let error = #expect(throws: WeightFileError.self) {
      try WeightFile(contentsOf: URL(fileURLWithPath: "/nowhere/a.safetensors"))
    }
    #expect(error?.file == "/nowhere/a.safetensors")
  }
}
