import Testing
import XRayZoo

/// Pins every sentence.
@Suite struct ZooErrorTests {
  static let table: [(error: ZooError, sentence: String)] = [
    (
      .unknownArchitecture("densnet", known: ["densenet", "resnet"]),
      "there is no architecture \"densnet\"; did you mean densenet? known are densenet, resnet"
    ),
    (
      .unknownArchitecture("x", known: ["densenet"]),
      "there is no architecture \"x\"; known are densenet"
    ),
    (
      .unrecognized(file: "m.pt", tensorCount: 2, known: ["densenet", "resnet"]),
      "m.pt: its 2 tensors belong to no known architecture (densenet, resnet); zoo inspect lists "
        + "them"
    ),
    (
      .mismatch(
        file: "m.pt", architecture: "densenet", needed: 40,
        [
          .renamed("a.weight", found: "a.weigth"), .shape("c", expected: [5, 10], found: [7]),
          .missing("b"), .unexpected("d\n\u{1b}[2J"),
        ]),
      """
      m.pt: not quite a densenet, of whose 40 parameters 37 fit; zoo convert --plain takes the tensors \
      as they are:
        a.weight is missing, is it "a.weigth"?
        c is 7 instead of 5×10
        b is missing
        "d??[2J" is not needed
      """
    ),
    (
      .mismatch(
        file: "m.pt", architecture: "densenet", needed: 1,
        (1...12).map { .unexpected("t\($0)") }),
      "m.pt: not quite a densenet, of whose 1 parameters 1 fit; zoo convert --plain takes the tensors "
        + "as they are:\n" + (1...10).map { "  \"t\($0)\" is not needed\n" }.joined()
        + "  and 2 more"
    ),
    (
      .impossible(file: "m.pt", architecture: "densenet", reason: "its width is 0"),
      "m.pt: looks like a densenet, but its width is 0; zoo convert --plain takes the tensors as they "
        + "are"
    ),
    (
      .otherCode(
        file: "m.pt", architecture: "senet",
        CodeDifference(layer: "head.fc2", expected: "linear", found: "sigmoid(·)")),
      "m.pt: has the tensors of a senet, but its own code computes something else: at head.fc2 it has "
        + "sigmoid(·) in the place of linear; zoo convert --plain takes the tensors as they are"
    ),
    (
      .unreadableCode(file: "m.pt", architecture: "senet", reason: "lacks “f”, which it calls"),
      "m.pt: has the tensors of a senet, but its code lacks “f”, which it calls, so that nothing says "
        + "what is computed with them; zoo convert --plain takes the tensors as they are"
    ),
    (
      .otherConfiguration(
        file: "m.pt", model: "tiny",
        expected: .object(["classCount": .integer(5), "blocks": .array([.integer(1)])]),
        found: .object(["classCount": .integer(4), "blocks": .array([.integer(2)])])),
      "m.pt: holds another network than tiny: blocks is [2] instead of [1], classCount is 4 "
        + "instead of 5"
    ),
    (
      .otherArchitecture(file: "m.pt", model: "tiny", expected: "resnet", found: "densenet"),
      "m.pt: holds a densenet, tiny is a resnet"
    ),
    (
      .otherModel(file: "m.safetensors", model: "sex", found: "race"),
      "m.safetensors: holds the weights of race and not of sex; ask for race, or give a file of sex"
    ),
    (
      .notCached(model: "tiny", url: "https://example.org/tiny.pt"),
      "tiny is not on this machine, and this version does not download; get "
        + "https://example.org/tiny.pt and run: zoo fetch tiny --from FILE"
    ),
    (
      .notCached(model: "tiny", url: nil),
      "tiny is not on this machine, and this version does not download; run: zoo fetch tiny --from "
        + "FILE"
    ),
    (
      .otherDigest(file: "m.pt", model: "tiny"),
      "m.pt: is not the published file of tiny (its SHA-256 differs); delete it, or name it "
        + "outright with: zoo fetch tiny --from FILE"
    ),
    (
      .unknownModel("tinny", nearest: "tiny"),
      "tinny is neither a model nor a file; did you mean tiny?"
    ),
    (
      .unknownModel("x", nearest: nil),
      "x is neither a model nor a file; zoo list shows the models"
    ),
    (
      .notFinite(model: "tiny", endpoint: "logits"),
      "tiny: its logits are not all numbers, so nothing is said of this image; check the weights it "
        + "was made from"
    ),
    (
      .reconstructionSize(model: "tiny", image: [200, 224], found: [224, 224], side: 224),
      "tiny would reconstruct a 200×224 image as one of 224×224; bring it to 224×224 first"
    ),
    (
      .noEndpoint(model: "tiny", endpoint: "feature", known: ["logits", "features"]),
      "tiny has no output \"feature\"; did you mean features? known are logits, features"
    ),
    (
      .noEndpoint(model: "tiny", endpoint: "x", known: ["logits", "features"]),
      "tiny has no output \"x\"; known are logits, features"
    ),
    (
      .inputTooLarge([4096, 1, 8192, 8192], limit: 1 << 28),
      "a 4096×1×8192×8192 input is too large: 268435456 numbers are the most"
    ),
    (
      .noEnsemble(file: "m.pt"), "m.pt: is no ensemble of networks; leave --members out"
    ),
    (
      .mismatch(
        file: "m.zip", architecture: "chexpert", needed: 9,
        [
          .rows("a", .noTable("t")), .rows("b", .noEntry("E\n", table: "t")),
          .rows("c", .number(-1, entry: "E", table: "t")),
          .rows("d", .rowCount(table: "t", expected: 6, found: [5, 10])),
        ]),
      """
      m.zip: not quite a chexpert, of whose 9 parameters 5 fit; zoo convert --plain takes the tensors \
      as they are:
        a cannot be put in order: the file has no dictionary "t" of whole numbers
        b cannot be put in order: "t" has no "E?"
        c cannot be put in order: "t" says that "E" is number -1, which is none of its own
        d cannot be put in order: "t" is for 6 rows and not for a 5×10 tensor
      """
    ),
    (.labelCount(model: "m.st", labels: 4, outputs: 5), "m.st: has 5 outputs and 4 labels"),
    (
      .mapShape(model: "tiny", found: [1, 3, 32, 32], expected: [1, 4, 64, 64]),
      "tiny: gives 1×3×32×32 maps; 1×4×64×64 are needed, a map for each label and as large as the "
        + "image it sees"
    ),
    (
      .tensorRank([2, 3]),
      "a 2×3 tensor is no batch of images; [batch, channels, height, width] is needed"
    ),
    (.file("m.pt", reason: "is a folder"), "m.pt: is a folder"),
    (.array(file: "x.npy", reason: "is no NumPy array"), "x.npy: is no NumPy array"),
    (
      .outputIsInput("m.safetensors"),
      "m.safetensors: the output would replace the input; give it another name"
    ),
  ]

  @Test(arguments: table.indices) func sentence(_ index: Int) {
    #expect("\(Self.table[index].error)" == Self.table[index].sentence)
  }
}
