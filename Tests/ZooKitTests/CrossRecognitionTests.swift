import GraphIR
import ModelKit
import Testing
import XRayZoo

/// Every architecture recognises its own tensors, and no other's.
struct CrossRecognitionTests {
  /// A network of the manifest, and the names and shapes of its tensors.
  private struct Sample {
    let model: String
    let architecture: String
    let tensors: [(name: String, shape: Shape)]
  }

  private static let architectures = Zoo.builtInArchitectures

  /// Settings of networks whose entries leave them to the file: a VQ-GAN of two levels.
  private static let settings: [String: JSONValue] = [
    "vqgan": .object([
      "inputChannels": .integer(3), "outputChannels": .integer(3), "channels": .integer(32),
      "multipliers": .array([.integer(1), .integer(2)]), "blocks": .integer(1),
      "attentionLevels": .array([.integer(1)]), "resamplesWithConvolution": .bool(true),
      "latentChannels": .integer(4), "codeLength": .integer(4), "codeCount": .integer(8),
    ])
  ]

  /// Every published network, under its plugin's names.
  private static func samples() throws -> [Sample] {
    let zoo = Zoo(architectures: architectures, manifest: nil)
    return try zoo.manifest.entries.map { entry in
      let id = entry.architecture.id
      let configuration = try #require(entry.architecture.configuration ?? settings[id])
      let graph = try zoo.catalog[id].graph(configuration)
      return Sample(
        model: entry.name, architecture: id,
        tensors: graph.parameters.map { ($0.name, $0.shape) })
    }
  }

  /// Whether tensors are, under the architecture's own reading of their names, a whole network of
  /// it and nothing else.
  private func takes(
    _ tensors: [(name: String, shape: Shape)], as architecture: RegisteredArchitecture
  ) -> Bool {
    var shapes = [String: Shape]()
    for tensor in tensors {
      switch architecture.role(ofKey: tensor.name) {
      case .parameter(let name): shapes[name] = tensor.shape
      case .ignored: break
      case .rows, .operatingPoints, .unknown: return false
      }
    }
    guard let configuration = architecture.recognize(shapes),
      let graph = try? architecture.graph(configuration)
    else { return false }
    return Dictionary(uniqueKeysWithValues: graph.parameters.map { ($0.name, $0.shape) }) == shapes
  }

  @Test func everyArchitectureIsPublished() throws {
    let zoo = Zoo(architectures: Self.architectures, manifest: nil)
    let published = Set(try zoo.manifest.entries.map { $0.architecture.id })
    let known = Set(Self.architectures.map { $0.id })
    #expect(known == published)
  }

  @Test func eachTakesItsOwnAlone() throws {
    let samples = try Self.samples()
    #expect(samples.count > 15)
    for sample in samples {
      let takers = Self.architectures.filter { takes(sample.tensors, as: $0) }.map(\.id)
      #expect(takers == [sample.architecture], "\(sample.model)")
    }
  }

  /// The tensors of two networks in one file are neither the one nor the other.
  ///
  /// Only the anatomy U-Net passes over what is not its own, as upstream does.
  @Test func noneTakesTwoInOne() throws {
    let samples = try Self.samples().filter { $0.architecture != "anatomy-unet" }
    var pairs = 0
    for first in samples {
      for second in samples where first.architecture < second.architecture {
        let names = Set(first.tensors.map(\.name))
        let both = first.tensors + second.tensors.filter { !names.contains($0.name) }
        let takers = Self.architectures.filter { takes(both, as: $0) }.map(\.id)
        #expect(takers.isEmpty, "\(first.model) and \(second.model)")
        pairs += 1
      }
    }
    #expect(pairs > 0)
  }
}
