import Foundation
import GraphIR
import GraphRuntime
import ModelKit
import TestSupport
import Testing

/// What PyTorch makes of networks that are filled from the counter-based generator; written by the
/// scripts in `tools/fixtures/plugins`.
public struct PluginReference<A: Architecture>: Decodable {
  /// A network and an image.
  public struct Case: Decodable {
    /// Which network.
    public let configuration: A.Configuration
    /// `[batch, channels, height, width]`.
    public let inputShape: Shape
    /// The image's values lie in `-bound..<bound`.
    public let bound: Float
    /// By endpoint.
    public let outputs: [String: Output]
  }

  /// Every `step`-th value of an output.
  public struct Output: Decodable {
    /// Of the whole output.
    public let shape: Shape
    /// The places of the values that are there are multiples of it.
    public let step: Int
    /// The largest magnitude of all values.
    public let largest: Float
    let float32: Data

    /// The values that are there.
    public var values: [Float] {
      float32.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map {
          Float(
            bitPattern: UInt32(
              littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
        }
      }
    }
  }

  /// By name.
  public let cases: [String: Case]

  /// Reads `Fixtures/NAME.json` of a test target's `Bundle.module`.
  public static func load(_ name: String, from bundle: Bundle) throws -> Self {
    let url = try #require(
      bundle.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
  }

  /// Runs a case and compares every endpoint of the architecture with PyTorch.
  ///
  /// - Parameters:
  ///   - name: the case.
  ///   - bound: the most by which a value may differ, as a part of the output's largest.
  ///   - adjust: changes a filled weight, as the generator did.
  /// - Throws: where the case is not there or the network cannot be run.
  public func check(
    _ name: String, bound: Float = 1e-4,
    adjusting adjust: (_ name: String, Tensor) -> Tensor = { $1 }
  ) throws {
    let reference = try #require(cases[name])
    let graph = try A.graph(reference.configuration)
    let shape = reference.inputShape
    let session = try Session(
      graph,
      weights: Dictionary(
        uniqueKeysWithValues: CounterFill.weights(for: graph).map { ($0, adjust($0, $1)) }),
      inputShapes: ["image": Shape([1] + shape.dimensions.dropFirst())], threads: Threads(),
      kernels: .forThisMachine())
    let image = Tensor(
      shape: shape,
      CounterFill.symmetric("image", count: shape.elementCount, bound: reference.bound))
    let outputs = try session.run(["image": image])
    #expect(Set(outputs.keys) == Set(A.endpoints.map(\.name)))
    #expect(Set(reference.outputs.keys) == Set(A.endpoints.map(\.name)))
    for (endpoint, expected) in reference.outputs.sorted(by: { $0.key < $1.key }) {
      let output = try #require(outputs[endpoint])
      #expect(output.shape == expected.shape, "\(name) \(endpoint)")
      let all = try #require(output.floats())
      let found = stride(from: 0, to: all.count, by: expected.step).map { all[$0] }
      let values = expected.values
      #expect(found.count == values.count && expected.largest > 0)
      let worst = zip(found, values).reduce(Float(0)) {
        let difference = abs($1.0 - $1.1) / expected.largest
        return difference.isNaN ? .infinity : max($0, difference)
      }
      print("\(A.id) \(name) \(endpoint): worst difference \(worst) of the output's maximum")
      #expect(worst < bound, "\(name) \(endpoint)")
    }
  }
}
