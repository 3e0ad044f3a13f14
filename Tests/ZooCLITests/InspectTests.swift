import Foundation
import Testing
import ZooFixtures

/// What `zoo inspect` tells, and how much of a file it looks at.
@Suite struct InspectTests {
  private let zoo: Zoo

  init() throws { zoo = try Zoo() }

  private func report(_ arguments: String...) throws -> [String: Any] {
    let run = try zoo.run(["inspect", "--format", "json"] + arguments)
    run.expectSuccess()
    #expect(run.errors.isEmpty)
    return try #require(run.json() as? [String: Any])
  }

  /// Files and what their values are checked by.
  static let checks = [
    ("module.legacy.pt", "structure"), ("parallel.zip.pt", "checksums"),
    ("plain.safetensors", "structure"), ("conversions/mixed.zip.pt", "checksums"),
  ]

  @Test(arguments: checks) func verifyingSaysByWhat(_ file: String, _ checked: String) throws {
    let path = ZooFixtures.path(file)
    let (quick, whole) = try (report(path), report("--verify", path))
    #expect(quick["checked"] as? String == "header")
    #expect(whole["checked"] as? String == checked)
    // Beside that they are the same.
    let rest = [quick, whole].map { report in
      report.filter { $0.key != "checked" } as NSDictionary
    }
    #expect(rest[0] == rest[1])
  }

  @Test func totalsAreThoseOfPyTorch() throws {
    let expected = try #require(ZooFixtures.conversions().tensors["none"])
    let path = ZooFixtures.path("conversions/mixed.zip.pt")
    let json = try report(path)
    let count = expected.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let bytes = expected.values.reduce(0) { $0 + $1.bytes.count }
    #expect(json["parameters"] as? Int == count)
    #expect(json["bytes"] as? Int == bytes)
    let table = try zoo("inspect", path).text
    #expect(table.contains("tensors         \(expected.count), \(count) parameters, "))
    #expect(table.contains("1 BOOL, 1 U8, 1 I8, 1 I16, 1 I32, 2 I64, "))
    #expect(table.contains("checked         the header alone"))
  }

  @Test func aNativeFileIsReadWholeOnlyToVerify() throws {
    let path = try zoo.tinyModel()
    #expect(try report(path)["kind"] as? String == "native")
    #expect(try report("--verify", path)["checked"] as? String == "digests")
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let sound = bytes
    // The last byte is a value's, byte 60 is in the header's digest.
    bytes[bytes.count - 1] ^= 1
    try zoo.folder.write(bytes, as: "tiny.safetensors")
    let json = try report(path)
    #expect((json["architecture"] as? [String: Any])?["id"] as? String == "densenet")
    #expect(json["mismatch"] is NSNull)
    try zoo("inspect", "--verify", path).expectFailure(naming: "was changed since it was written")
    bytes = sound
    bytes[60] ^= 1
    try zoo.folder.write(bytes, as: "tiny.safetensors")
    try zoo("inspect", path).expectFailure(naming: "was changed since it was written")
  }

  /// A native file of a network that this program does not know is described all the same.
  @Test func anUnknownArchitectureIsNoFailure() throws {
    let path = try zoo.tinyModel()
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let id = try #require(bytes.firstRange(of: Array("densenet".utf8)))
    bytes.replaceSubrange(id, with: "somenet1".utf8)
    // The digest of the header again, taken by another program.
    let length = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    bytes.replaceSubrange(50..<114, with: repeatElement(UInt8(ascii: "0"), count: 64))
    try zoo.folder.write(bytes[..<length], as: "header")
    let digest = try zoo.shell("sha256sum header").text.prefix(64)
    bytes.replaceSubrange(50..<114, with: digest.utf8)
    try zoo.folder.write(bytes, as: "tiny.safetensors")
    let json = try report(path)
    #expect((json["architecture"] as? [String: Any])?["id"] as? String == "somenet1")
    #expect((json["mismatch"] as? String)?.contains("somenet1") == true)
    #expect((json["tensors"] as? [Any])?.isEmpty == false)
  }

  @Test func differencesAreListed() throws {
    let path = ZooFixtures.path("far-miss.legacy.pt")
    let json = try report(path)
    #expect(json["architecture"] is NSNull)
    #expect((json["differences"] as? [String])?.count == 13)
    #expect((json["mismatch"] as? String)?.hasSuffix("as they are") == true)
    let lines = try zoo("inspect", path).lines
    #expect(lines.filter { $0.hasSuffix(" is missing") }.count == 8)
    #expect(lines.filter { $0.hasSuffix("  and 3 more") }.count == 1)
  }
}
