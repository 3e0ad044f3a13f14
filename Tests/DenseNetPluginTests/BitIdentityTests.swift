import DenseNetPlugin
import GraphIR
import GraphRuntime
import ModelKit
import TestSupport
import Testing

/// DenseNet-121: an image's numbers are the same bits for any number of threads, in any batch, at
/// any time, and whoever else is computing.
@Suite(.serialized) struct BitIdentityTests {
  private static let weights = Result {
    let graph = try DenseNet.graph(.init())
    return (graph: graph, tensors: CounterFill.weights(for: graph))
  }

  private func session(
    threads: Int, _ precision: Precision, side: Int = 224
  ) throws -> Session {
    let weights = try Self.weights.get()
    return try Session(
      weights.graph, weights: weights.tensors, inputShapes: ["image": [1, 1, side, side]],
      precision: precision, threads: Threads(threads), kernels: .forThisMachine())
  }

  private func pixels(_ name: String, side: Int = 224) -> [Float] {
    CounterFill.symmetric(name, count: side * side, bound: 1024)
  }

  private func run(_ session: Session, _ images: [[Float]]) throws -> [String: [[UInt32]]] {
    let image = try #require(session.inputShapes["image"])
    let tensor = Tensor(
      shape: Shape([images.count] + image.dimensions.dropFirst()), images.flatMap { $0 })
    return try session.run(["image": tensor]).mapValues { output in
      let bits = (output.floats() ?? []).map(\.bitPattern)
      let size = bits.count / images.count
      return (0..<images.count).map { Array(bits[$0 * size..<($0 + 1) * size]) }
    }
  }

  @Test(arguments: Precision.allCases)
  func anyNumberOfThreadsAnyTime(_ precision: Precision) throws {
    let image = pixels("image")
    let expected = try run(session(threads: 1, precision), [image])
    #expect(Set(expected.keys) == ["logits", "features", "featureMap"])
    for threads in [1, 2, 3, 5] {
      let session = try session(threads: threads, precision)
      for _ in 0..<3 { #expect(try run(session, [image]) == expected, "\(threads) threads") }
    }
  }

  @Test(arguments: Precision.allCases)
  func anyPlaceInABatch(_ precision: Precision) throws {
    let session = try session(threads: 2, precision)
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

  /// As many images as there are threads are computed side by side, those that remain by all
  /// threads together.
  @Test(arguments: Precision.allCases)
  func anyBatchOnAnyNumberOfThreads(_ precision: Precision) throws {
    // Small maps, and so another choice of kernels than above.
    let images = (0..<7).map { pixels("image \($0)", side: 64) }
    let single = try session(threads: 1, precision, side: 64)
    let alone = try images.map { try run(single, [$0]) }
    #expect(Set(alone.map { $0["logits"] }).count == 7)
    for threads in [1, 2, 3, 5] {
      let session = try session(threads: threads, precision, side: 64)
      for batch in 1...7 {
        let found = try run(session, Array(images.prefix(batch)))
        for (place, image) in alone.prefix(batch).enumerated() {
          for (endpoint, values) in image {
            #expect(
              found[endpoint]?[place] == values[0],
              "image \(place) of \(batch) on \(threads) threads")
          }
        }
      }
    }
  }

  @Test(arguments: [[Precision.float32, .float32], [.float32, .bfloat16]])
  func concurrentSessions(_ precisions: [Precision]) async throws {
    let sessions = [
      try session(threads: 2, precisions[0]), try session(threads: 3, precisions[1]),
    ]
    let images = (0..<4).map { pixels("image \($0)") }
    let expected = try sessions.map { session in try images.map { try run(session, [$0]) } }
    #expect((expected[0] == expected[1]) == (precisions[0] == precisions[1]))
    let same = try await withThrowingTaskGroup(of: Bool.self) { group in
      for caller in 0..<4 {
        group.addTask {
          for turn in 0..<3 {
            let image = (caller + turn) % images.count
            let found = try run(sessions[caller % 2], [images[image]])
            if found != expected[caller % 2][image] { return false }
          }
          return true
        }
      }
      return try await group.reduce(true) { $0 && $1 }
    }
    #expect(same)
  }
}
