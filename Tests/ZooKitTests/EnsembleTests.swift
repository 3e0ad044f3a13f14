import Foundation
import TestSupport
import Testing
import XRayZoo
import ZooFixtures

/// Archives in the form of CheXpert's, against torchxrayvision's own reader.
@Suite struct EnsembleTests {
  /// What `tools/fixtures/ensembles.py` writes.
  struct Answers: Decodable {
    struct Outputs: Decodable {
      let probabilities: [Float]
      let features: [Float]
    }

    let shape: [Int]
    let images: [Float]
    let all: Outputs
    let first: Outputs
  }

  private func answers() throws -> Answers {
    let url = URL(fileURLWithPath: ZooFixtures.path("ensembles/expected.json"))
    return try JSONDecoder().decode(Answers.self, from: Data(contentsOf: url))
  }

  private func zoo(members: Int? = nil) -> Zoo {
    Zoo(
      architectures: Zoo.builtInArchitectures, manifest: nil,
      execution: ExecutionOptions(members: members))
  }

  private func check(_ path: String, members: Int?, _ expected: Answers.Outputs) throws {
    let answers = try answers()
    let model = try zoo(members: members).load(path)
    #expect(model.architecture == "chexpert")
    let images = Tensor(shape: Shape(answers.shape), answers.images)
    let outputs = try model.run(images)
    let pairs = [
      ("probabilities", expected.probabilities), ("features", expected.features),
    ]
    for (endpoint, values) in pairs {
      let found = try #require(outputs[endpoint]?.floats())
      #expect(relativeDifference(found, values) < 1e-5, "\(endpoint)")
    }
  }

  /// Every checkpoint has an order of its own, and the archive another than upstream's list.
  @Test func convertedAndAsItIs() throws {
    let folder = try TemporaryFolder()
    let source = ZooFixtures.path("ensembles/ensemble.zip")
    let native = folder.file("ensemble.safetensors")
    let conversion = try zoo().convert(source, to: native)
    #expect(conversion.sourceKind == "pytorch-ensemble")
    #expect(conversion.network?.architecture == "chexpert")
    #expect(conversion.network?.configuration["members"] == .integer(2))
    for path in [source, native] {
      try check(path, members: nil, answers().all)
      try check(path, members: 1, answers().first)
      try check(path, members: 2, answers().all)
    }
  }

  static let refusals: [(String, String)] = [
    ("no-order", "the file has no dictionary \"saved/"),
    ("no-edema", "has no \"Edema\""),
    ("beyond", "says that \"Consolidation\" is number 7, which is none of its own"),
    ("negative", "says that \"Cardiomegaly\" is number -1, which is none of its own"),
    ("fraction", "of whole numbers"),
    ("too-many", "is for 8 rows and not for a 7×10 tensor"),
  ]

  /// Nothing else in a file tells which output is which.
  @Test(arguments: refusals)
  func withoutAnOrderItIsRefused(_ name: String, _ fact: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.file("x.safetensors")
    let sentence = message {
      try zoo().convert(ZooFixtures.path("ensembles/\(name).zip"), to: output)
    }
    #expect(sentence?.contains("not quite a chexpert") == true)
    #expect(sentence?.contains(".classifier.weight cannot be put in order: ") == true)
    #expect(sentence?.contains(fact) == true)
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test func otherNumbersOfMembers() {
    let path = ZooFixtures.path("ensembles/ensemble.zip")
    for members in [3, Int.max] {
      let sentence = message { _ = try zoo(members: members).load(path) }
      #expect(
        sentence
          == "\(path): the configuration's members is \(members), must be from 1 to 2")
    }
    let single = ZooFixtures.path("module.legacy.pt")
    let sentence = message { _ = try zoo(members: 1).load(single) }
    #expect(sentence == "\(single): is no ensemble of networks; leave --members out")
  }
}
