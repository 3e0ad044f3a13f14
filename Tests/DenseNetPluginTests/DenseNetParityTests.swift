import DenseNetPlugin
import Foundation
import GraphIR
import GraphRuntime
import ModelKit
import TestSupport
import Testing

/// DenseNets of every published depth and one odd one against PyTorch, at every endpoint.
struct DenseNetParityTests {
  static let reference = Result { try Reference.load() }

  @Test(arguments: [
    "densenet121", "densenet121-colour", "densenet161", "densenet169", "densenet201", "odd",
  ])
  func matchesPyTorch(_ name: String) throws {
    let reference = try #require(try Self.reference.get().cases[name])
    let graph = try DenseNet.graph(reference.configuration)
    let weights = CounterFill.weights(for: graph)
    let session = try Session(
      graph, weights: weights, inputShapes: ["image": reference.inputShape], threads: Threads(),
      kernels: .forThisMachine())
    let image = Tensor(
      shape: reference.inputShape,
      CounterFill.symmetric("image", count: reference.inputShape.elementCount, bound: 1024))
    let outputs = try session.run(["image": image])

    #expect(Set(outputs.keys) == ["logits", "features", "featureMap"])
    for (endpoint, expected) in reference.outputs {
      let output = try #require(outputs[endpoint])
      var found = try #require(output.floats())
      if endpoint == "featureMap" { found = everySixteenthChannel(found, output.shape) }
      let difference = relativeDifference(found, expected.values)
      print("\(name) \(endpoint): worst difference \(difference) of the output's maximum")
      #expect(difference < 1e-4)
    }
  }

  private func everySixteenthChannel(_ values: [Float], _ shape: Shape) -> [Float] {
    let plane = shape[2] * shape[3]
    return stride(from: 0, to: shape[1], by: 16).flatMap {
      values[$0 * plane..<($0 + 1) * plane]
    }
  }
}

struct Reference: Decodable {
  struct Case: Decodable {
    let configuration: DenseNet.Configuration
    let inputShape: Shape
    /// How far PyTorch's own bfloat16 logits are off, as a part of the largest.
    let bfloat16Difference: Float
    let outputs: [String: Output]
  }

  struct Output: Decodable {
    let shape: Shape
    let float32: Data

    var values: [Float] {
      float32.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map {
          Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
        }
      }
    }
  }

  let cases: [String: Case]

  static func load() throws -> Reference {
    let url = try #require(
      Bundle.module.url(forResource: "densenet", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
  }
}
