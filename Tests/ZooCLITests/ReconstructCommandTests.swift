import Foundation
import Testing
import ZooFixtures

/// `zoo reconstruct` where nothing can be reconstructed; `ReconstructionTests` has the rest.
@Suite struct ReconstructCommandTests {
  @Test func needsAnAutoencoder() throws {
    let zoo = try Zoo()
    let file = zoo.folder.file("out.png")
    let run = try zoo(
      "reconstruct", ZooFixtures.path("wide.png"), "--model", "demo", "-o", file)
    #expect(run.code == 1 && run.output.isEmpty)
    #expect(
      run.errorLines
        == ["zoo: demo has no output \"reconstruction\"; known are logits, features, featureMap"])
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test func needsADestinationOfItsOwn() throws {
    let zoo = try Zoo()
    let image = ZooFixtures.path("wide.png")
    #expect(try zoo("reconstruct", image).code == 64)
    let run = try zoo("reconstruct", image, "--model", "demo", "-o", image)
    #expect(run.code == 1)
    #expect(
      run.errorLines
        == ["zoo: \(image): the output would replace the input; give it another name"])
  }
}
