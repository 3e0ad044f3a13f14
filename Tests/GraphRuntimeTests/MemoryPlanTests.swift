import GraphRuntime
import TestSupport
import Testing

/// The planner, without any network.
struct MemoryPlanTests {
  private func request(_ size: Int, _ lifetime: ClosedRange<Int>) -> MemoryPlan.Request {
    MemoryPlan.Request(size: size, lifetime: lifetime)
  }

  @Test func fiveBuffersDrawnByHand() {
    // step  0 1 2 3 4 5
    // A 32  # #            first to choose, at 0
    // B 64    # # #        larger: chooses before A, at 0, and A must go behind it
    // C 32        # # #    behind B while that lives
    // D 16  #              beside A
    // E 48            #    B is gone, C still there: the lowest gap, at 0
    let plan = MemoryPlan([
      request(32, 0...1), request(64, 1...3), request(32, 3...5), request(16, 0...0),
      request(48, 5...5),
    ])
    #expect(plan.offsets == [64, 0, 64, 0, 0])
    #expect(plan.size == 96)
  }

  @Test func gapsAreFilled() {
    // The small one fits between two larger ones that live with it.
    let plan = MemoryPlan([
      request(64, 0...9), request(48, 0...2), request(40, 0...9), request(16, 4...9),
    ])
    #expect(plan.offsets == [0, 64, 112, 64])
    #expect(plan.size == 160)
  }

  @Test func sizesAreRoundedUpToVectors() {
    let plan = MemoryPlan([request(17, 0...1), request(1, 1...2), request(0, 0...2)])
    #expect(plan.offsets[0] == 0 && plan.offsets[1] == 32)
    #expect(plan.size == 48)
    #expect(MemoryPlan([]).size == 0)
  }

  @Test(arguments: 0..<200)
  func neverOverlaps(_ seed: Int) {
    let numbers = CounterFill.uniform("plan/\(seed)", count: 120)
    let requests = (0..<40).map { index in
      let start = Int(numbers[index * 3] * 30)
      let size = Int(numbers[index * 3 + 1] * (seed % 2 == 0 ? 100 : 4000))
      return request(size, start...start + Int(numbers[index * 3 + 2] * 12))
    }
    let plan = MemoryPlan(requests)
    #expect(plan.offsets.allSatisfy { $0 >= 0 && $0 % MemoryPlan.alignment == 0 })
    for (i, a) in requests.enumerated() {
      #expect(plan.offsets[i] + a.size <= plan.size)
      for (j, b) in requests.enumerated().dropFirst(i + 1) where a.lifetime.overlaps(b.lifetime) {
        let apart =
          plan.offsets[i] + a.size <= plan.offsets[j] || plan.offsets[j] + b.size <= plan.offsets[i]
        #expect(apart, "\(a) at \(plan.offsets[i]), \(b) at \(plan.offsets[j])")
      }
    }
    // No more than all of them side by side, and no less than the fullest step needs.
    let rounded = requests.map { ($0.size + 15) / 16 * 16 }
    #expect(plan.size <= rounded.reduce(0, +))
    for step in 0..<42 {
      let needed = zip(requests, rounded).filter { $0.0.lifetime.contains(step) }
      #expect(plan.size >= needed.reduce(0) { $0 + $1.1 })
    }
  }
}

/// How work is cut.
struct TilesTests {
  @Test(arguments: [0, 1, 2, 15, 16, 17, 97, 1000], [1, 2, 16, 64, 5000])
  func coverEverythingOnce(_ count: Int, _ limit: Int) {
    for pieces in [1, 4, 8] {
      let tiles = Tiles(count: count, limit: limit, atLeast: pieces)
      let ranges = (0..<tiles.tileCount).map { tiles[$0] }
      #expect(ranges.flatMap(Array.init) == Array(0..<count))
      #expect(ranges.allSatisfy { !$0.isEmpty && $0.count <= limit })
    }
  }

  @Test func piecesAreNearlyEqual() {
    let tiles = Tiles(count: 56, limit: 56, atLeast: 4)
    #expect((0..<tiles.tileCount).map { tiles[$0].count } == [14, 14, 14, 14])
    #expect(Tiles(count: 10, limit: 4).size == 4)
    #expect(Tiles(count: 9, limit: 4).size == 3)
  }
}
