import DenseNetPlugin
import GraphIR
import GraphRuntime
import ModelKit
import TestSupport
import Testing

/// DenseNet-121 at 224: an image's numbers are the same bits for any number of threads, in any
/// batch, at any time, and whoever else is computing.
@Suite(.serialized) struct BitIdentityTests {
  private static let weights = Result {
    let graph = try DenseNet.graph(.init())
    return (graph: graph, tensors: CounterFill.weights(for: graph))
  }
  private static let imageShape: Shape = [1, 1, 224, 224]

  private func session(threads: Int) throws -> Session {
    let weights = try Self.weights.get()
    return try Session(
      weights.graph, weights: weights.tensors, inputShapes: ["image": Self.imageShape],
      threads: Threads(threads), kernels: .forThisMachine())
  }

  private func pixels(_ name: String) -> [Float] {
    CounterFill.symmetric(name, count: Self.imageShape.elementCount, bound: 1024)
  }

  private func run(_ session: Session, _ images: [[Float]]) throws -> [String: [[UInt32]]] {
    let tensor = Tensor(shape: [images.count, 1, 224, 224], images.flatMap { $0 })
    return try session.run(["image": tensor]).mapValues { output in
      let bits = (output.floats() ?? []).map(\.bitPattern)
      let size = bits.count / images.count
      return (0..<images.count).map { Array(bits[$0 * size..<($0 + 1) * size]) }
    }
  }

  @Test func anyNumberOfThreadsAnyTime() throws {
    let image = pixels("image")
    let expected = try run(session(threads: 1), [image])
    #expect(Set(expected.keys) == ["logits", "features", "featureMap"])
    for threads in [1, 2, 3, 5] {
      let session = try session(threads: threads)
      for _ in 0..<5 { #expect(try run(session, [image]) == expected, "\(threads) threads") }
    }
  }

  @Test func anyPlaceInABatch() throws {
    let session = try session(threads: 2)
    let images = (0..<4).map { pixels("image \($0)") }
    let alone = try images.map { try run(session, [$0]) }
    #expect(Set(alone.map { $0["logits"] }).count == 4)
    // The first image stands at every one of the seven places.
    for batch in [[0, 1, 0, 2, 0, 3, 0], [3, 0, 2, 0, 1, 0, 2]] {
      let found = try run(session, batch.map { images[$0] })
      for (place, image) in batch.enumerated() {
        for (endpoint, values) in alone[image] { #expect(found[endpoint]?[place] == values[0]) }
      }
    }
  }

  @Test func concurrentSessions() async throws {
    let sessions = [try session(threads: 2), try session(threads: 3)]
    let images = (0..<4).map { pixels("image \($0)") }
    let expected = try images.map { try run(sessions[0], [$0]) }
    let same = try await withThrowingTaskGroup(of: Bool.self) { group in
      for caller in 0..<4 {
        group.addTask {
          for turn in 0..<3 {
            let image = (caller + turn) % images.count
            let found = try run(sessions[caller % 2], [images[image]])
            if found != expected[image] { return false }
          }
          return true
        }
      }
      return try await group.reduce(true) { $0 && $1 }
    }
    #expect(same)
  }
}
