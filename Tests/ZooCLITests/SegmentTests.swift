import Foundation
import Testing
import ZooFixtures

/// `zoo segment` where it must say no.
@Suite struct SegmentTests {
  private let zoo: Zoo
  private let wide = ZooFixtures.path("wide.png")

  init() throws { zoo = try Zoo() }

  @Test func aModelWithoutMasksSaysWhatItIsFor() throws {
    for model in ["demo", try zoo.tinyModel()] {
      let before = zoo.files
      let run = try zoo("segment", "--model", model, "-o", "masks", wide)
      run.expectFailure(
        naming: "has no masks; it gives logits, features, featureMap: use zoo predict")
      #expect(run.output.isEmpty)
      #expect(zoo.files == before)
    }
  }

  @Test func theFolderIsNoFile() throws {
    try zoo.folder.write([1, 2], as: "masks")
    let run = try zoo("segment", "--model", "demo", "-o", "masks", wide)
    run.expectFailure(naming: "masks: is a file; name a folder")
    #expect(try Data(contentsOf: URL(fileURLWithPath: zoo.folder.file("masks"))) == Data([1, 2]))
  }

  @Test func anUnknownModelIsNamed() throws {
    try zoo("segment", "--model", "nihh", "-o", "masks", wide)
      .expectFailure(naming: "did you mean nih?")
    #expect(zoo.files.isEmpty)
  }

  /// Without --model it is a published one, whose weights are elsewhere.
  @Test func theUsualModelIsToBeFetched() throws {
    let run = try zoo("segment", "-o", "masks", wide)
    run.expectFailure(naming: "chestx-det-pspnet is not on this machine")
    #expect(
      run.errors.contains(
        "get https://github.com/mlmed/torchxrayvision/releases/download/v1/"
          + "pspnet_chestxray_best_model_4.pth and run: zoo fetch chestx-det-pspnet --from FILE\n"))
    #expect(zoo.files.isEmpty && run.output.isEmpty)
    #expect(zoo.folder.names.isEmpty)
  }
}
