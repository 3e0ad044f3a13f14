import Foundation
import GraphIR
import ModelKit
import TestSupport
import Testing
import XRayZoo

/// Configurations come from files: whatever stands in them, every architecture makes a network or
/// says which member is at fault, and neither takes long.
struct HostileConfigurationTests {
  private static let architectures = Zoo.builtInArchitectures

  /// Null where it cannot be read, which no architecture takes.
  private static func json(_ text: String) -> JSONValue {
    (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .null
  }

  /// A small network of each architecture, as it recognises it.
  private static let small: [String: JSONValue] = [
    "densenet": json(
      """
      {"inputChannels": 1, "initialFeatures": 4, "growthRate": 2, "blocks": [1, 2],
       "bottleneckFactor": 2, "classCount": 3}
      """),
    "resnet": json(
      """
      {"inputChannels": 1, "isBottleneck": true, "blocks": [1, 1], "width": 4, "innerWidth": 4,
       "classCount": 3, "classifierOutputs": 5, "hasLogSoftmax": true}
      """),
    "jfhealthcare": json(
      """
      {"inputChannels": 3, "initialFeatures": 4, "growthRate": 2, "blocks": [1, 1],
       "bottleneckFactor": 2, "headClasses": [1, 1], "pool": "PCAM", "lseGamma": 0.5,
       "attention": "CAM", "normalizesHeads": true, "normalization": "BatchNorm"}
      """),
    "chexpert": json(
      """
      {"inputChannels": 3, "initialFeatures": 4, "growthRate": 2, "blocks": [1, 1],
       "bottleneckFactor": 2, "members": 2}
      """),
    "pspnet": json(#"{"blocks": [1, 1, 1, 1], "classCount": 3}"#),
    "anatomy-unet": json(#"{"blocks": [1, 1, 1, 1], "classCount": 3}"#),
    "resnet-autoencoder": json(#"{"blocks": [1, 1, 1, 1]}"#),
    "vqgan": json(
      """
      {"inputChannels": 3, "outputChannels": 3, "channels": 32, "multipliers": [1, 2], "blocks": 1,
       "attentionLevels": [1], "resamplesWithConvolution": true, "latentChannels": 4,
       "codeLength": 4, "codeCount": 8}
      """),
    "senet": json(
      """
      {"inputChannels": 3, "stemFeatures": 4, "initialFeatures": 4, "baseFeatures": 4,
       "blocks": [1, 1], "groups": 2, "reduction": 4, "headFeatures": 8, "outputCount": 1}
      """),
  ]

  private static func list(_ value: Int, _ count: Int) -> JSONValue {
    .array(Array(repeating: .integer(value), count: count))
  }

  private static let values: [JSONValue] =
    [
      "0", "1", "2", "3", "17", "-1", "1024", "65535", "65536", "65537", "2147483648", "4294967296",
      "0.5", "-0.5", "1e-45", "3e38", "1e300", "null", "true", "\"\"", "\"PCAM\"", "{}", "[]",
      "[0]", "[1]", "[-1]", "[1, 0]", "[1, 1]", "[1, 1, 1, 1]", "[1024]", "[2000, -1999]",
      "[1024, 1024, 1024, 1024]", "[64, 64, 64, 64]", "[65536, 65536]", "[1, \"1\"]", "[\"1\"]",
      "[[1]]",
    ].map(json) + [
      .integer(1 << 62), .integer(.max), .integer(.min),
      list(.max, 1), list(.max, 2), list(.min, 1), list(1, 9), list(1, 17), list(1, 1024),
      list(1, 2000), list(.max, 2000),
    ]

  /// What stands beside a hostile value.
  private static let seconds: [JSONValue] =
    ["0", "1", "65536"].map(json) + [.integer(.max)]

  /// Asks for everything that a configuration is asked for; the error, if there is one.
  private func fault(
    _ architecture: RegisteredArchitecture, _ configuration: JSONValue
  ) throws -> (any Error)? {
    do {
      let channels = try architecture.inputChannels(configuration)
      _ = try architecture.scaling(configuration)
      for members in [.min, -1, 0, 1, Int.max] {
        _ = try? architecture.ensemble(of: members, from: configuration)
      }
      let graph = try architecture.graph(configuration)
      for (height, width) in [(64, 64), (1, 1)] {
        // An error is as good: what counts is that there is one.
        _ = try? graph.shapes(inputs: ["image": [1, channels, height, width]])
      }
      return nil
    } catch {
      return error
    }
  }

  @Test func everyArchitectureHasASmallNetwork() throws {
    #expect(Set(Self.small.keys) == Set(Self.architectures.map(\.id)))
    for architecture in Self.architectures {
      let configuration = try #require(Self.small[architecture.id])
      let fault = try fault(architecture, configuration)
      #expect(fault == nil, "\(architecture.id)")
    }
  }

  @Test(arguments: small.keys.sorted())
  func oneOrTwoHostileMembers(id: String) throws {
    let architecture = try #require(Self.architectures.first { $0.id == id })
    guard case .object(let members) = try #require(Self.small[id]) else { return }
    let clock = ContinuousClock()
    func check(_ configuration: [String: JSONValue], _ what: () -> String) throws {
      var fault: (any Error)?
      let time = try clock.measure { fault = try self.fault(architecture, .object(configuration)) }
      #expect(time < .seconds(5), "\(id): \(what()) takes \(time)")
      guard let fault else { return }
      #expect(fault is ConfigurationError, "\(id): \(what()): \(fault)")
      #expect("\(fault)".utf8.count < 400, "\(id): \(what())")
    }
    let keys = members.keys.sorted()
    for (place, key) in keys.enumerated() {
      var configuration = members
      configuration[key] = nil
      try check(configuration) { "no \(key)" }
      for value in Self.values {
        configuration[key] = value
        try check(configuration) { "\(key) \(value.text.prefix(40))" }
        // Long lists beside others tell no more than alone.
        if case .array(let list) = value, list.count > 1024 { continue }
        for other in keys[(place + 1)...] {
          for second in Self.seconds {
            var both = configuration
            both[other] = second
            try check(both) { "\(key) \(value.text.prefix(40)), \(other) \(second.text)" }
          }
        }
      }
    }
  }

  @Test func hostileTopLevels() throws {
    for architecture in Self.architectures {
      for value in Self.values {
        let error = try #require(try fault(architecture, value), "\(architecture.id)")
        #expect(error is ConfigurationError, "\(architecture.id): \(error)")
      }
    }
  }

  /// What tensors of any shape are taken for is a configuration that is checked like any other.
  @Test(arguments: small.keys.sorted())
  func recognitionOfHostileShapes(id: String) throws {
    let architecture = try #require(Self.architectures.first { $0.id == id })
    let graph = try architecture.graph(try #require(Self.small[id]))
    let tensors = Dictionary(uniqueKeysWithValues: graph.parameters.map { ($0.name, $0.shape) })
    #expect(architecture.recognize(tensors) != nil)
    #expect(architecture.recognize([:]) == nil)
    let shapes: [Shape] =
      (0...6).flatMap { rank in
        [0, 1, 3, 1 << 31, Int.max].map { Shape(Array(repeating: $0, count: rank)) }
      } + [[0, 1, 1, 1], [1, 0, 1, 1], [.max, 1, 1, 1], [1, .max, 1, 1], [0, 4], [4, 0]]
    for name in tensors.keys {
      for shape in shapes {
        var hostile = tensors
        hostile[name] = shape
        if let configuration = architecture.recognize(hostile) {
          let error = try fault(architecture, configuration)
          #expect(error == nil || error is ConfigurationError, "\(id): \(name) \(shape)")
        }
        if let configuration = architecture.recognize(tensors.mapValues { _ in shape }) {
          let error = try fault(architecture, configuration)
          #expect(error == nil || error is ConfigurationError, "\(id): all \(shape)")
        }
      }
      var fewer = tensors
      fewer[name] = nil
      if let configuration = architecture.recognize(fewer) {
        let error = try fault(architecture, configuration)
        #expect(error == nil || error is ConfigurationError, "\(id): without \(name)")
      }
    }
  }

  /// Sizes that no network was made for: shapes or an error that says why not.
  @Test func oddImages() throws {
    let sizes = [(1, 1), (2, 3), (7, 7), (31, 33), (64, 48), (65, 64), (8192, 1), (0, 0), (0, 5)]
    for (id, configuration) in Self.small {
      let architecture = try #require(Self.architectures.first { $0.id == id })
      let graph = try architecture.graph(configuration)
      let channels = try architecture.inputChannels(configuration)
      for (height, width) in sizes {
        let shape: Shape = [1, channels, height, width]
        let image = Tensor(shape: shape, Array(repeating: 1, count: shape.elementCount))
        let session = Result {
          try Session(
            graph, weights: CounterFill.weights(for: graph), inputShapes: ["image": shape],
            threads: Threads(1), kernels: .forThisMachine())
        }
        switch session {
        case .success(let session):
          let outputs = try session.run(["image": image])
          #expect(Set(outputs.keys) == Set(architecture.endpoints.map(\.name)), "\(id) \(shape)")
        case .failure(let error): #expect(error is RuntimeError, "\(id) \(shape): \(error)")
        }
      }
    }
  }
}
