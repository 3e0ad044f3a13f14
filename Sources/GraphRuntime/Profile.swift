import CKernels
import GraphIR
import Synchronization

/// Where the time of a session goes, layer by layer.
public struct LayerProfile: Sendable, Codable {
  /// The layer's label in the graph.
  public let label: String
  /// The op's name.
  public let op: String
  /// The way in which it computes, such as `winograd` or `direct`, where there are several.
  public let path: String?
  /// The shortest times of the other ways that are possible, in milliseconds, where asked for.
  public internal(set) var otherPaths: [String: Double] = [:]
  /// The shortest time of all runs, in milliseconds.
  public let minimumMilliseconds: Double
  /// Multiplications and additions of one image.
  public let floatingPointOperations: Int
}

/// Times of each step over several runs.
final class Profile: Sendable {
  private let minima: Mutex<[Duration]>

  init(steps: Int) { minima = Mutex(Array(repeating: .seconds(1 << 40), count: steps)) }

  func record(step: Int, _ duration: Duration) {
    minima.withLock { $0[step] = min($0[step], duration) }
  }

  func milliseconds(step: Int) -> Double {
    minima.withLock { $0[step] } / .milliseconds(1)
  }
}

extension Session {
  /// Multiplications and additions of one image.
  public var floatingPointOperations: Int {
    steps.reduce(0) { $0 + $1.step.floatingPointOperations }
  }

  /// The most that this machine computes with fused multiply-adds in registers, on as many threads
  /// as the session uses, in operations a second: the best of several short measurements.
  public func measuredPeak() -> Double {
    let iterations = 200_000
    var best = 0.0
    for _ in 0..<8 {
      let start = ContinuousClock.now
      threads.run(tasks: threads.count) { _, _ in
        _ = kernels.table.pointee.multiply_add_chain(iterations)
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let operations = iterations * Int(zoo_chain_operations) * threads.count
      best = max(best, Double(operations) / seconds)
    }
    return best
  }
}

extension LayerProfile {
  /// Adds to each layer what the same layer took on another path in a session that prefers it.
  package static func merging(
    _ others: [LayerProfile], into layers: [LayerProfile]
  ) -> [LayerProfile] {
    let times = Dictionary(
      others.compactMap { other in other.path.map { (other.label, ($0, other.minimumMilliseconds)) }
      },
      uniquingKeysWith: { first, _ in first })
    return layers.map { layer in
      guard let (path, time) = times[layer.label], layer.path != nil, path != layer.path else {
        return layer
      }
      var layer = layer
      layer.otherPaths[path] = time
      return layer
    }
  }
}

extension Session {
  /// Runs one input several times and tells each layer's best time.
  ///
  /// - Throws: `RuntimeError` as `run` does.
  public func profile(
    _ inputs: [String: Tensor], runs: Int
  ) throws(RuntimeError) -> [LayerProfile] {
    let profile = Profile(steps: steps.count)
    for _ in 0..<max(1, runs) { _ = try run(inputs, profile: profile) }
    return steps.enumerated().map { index, labelled in
      LayerProfile(
        label: labelled.label, op: labelled.op, path: labelled.step.path,
        minimumMilliseconds: profile.milliseconds(step: index),
        floatingPointOperations: labelled.step.floatingPointOperations)
    }
  }
}
