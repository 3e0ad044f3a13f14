import GraphRuntime
import TestSupport
import Testing

/// The planner, without any network.
struct MemoryPlanTests {
  private func request(_ size: Int, _ lifetime: ClosedRange<Int>) -> MemoryPlan.Request {
    MemoryPlan.Request(size: size, lifetime: lifetime)
  }

  @Test func fiveBuffersDrawnByHand() {
    // Sizes in cache lines of 64 bytes.
    // step 0 1 2 3 4 5
    // A 2  # #            first to choose, at 0
    // B 4    # # #        larger: chooses before A, at 0, and A must go behind it
    // C 2        # # #    behind B while that lives
    // D 1  #              beside A
    // E 3            #    B is gone, C still there: the lowest gap, at 0
    let plan = MemoryPlan([
      request(128, 0...1), request(256, 1...3), request(128, 3...5), request(64, 0...0),
      request(192, 5...5),
    ])
    #expect(plan.offsets == [256, 0, 256, 0, 0])
    #expect(plan.size == 384)
  }

  @Test func gapsAreFilled() {
    // The small one fits between two larger ones that live with it.
    let plan = MemoryPlan([
      request(256, 0...9), request(192, 0...2), request(160, 0...9), request(64, 4...9),
    ])
    #expect(plan.offsets == [0, 256, 448, 256])
    #expect(plan.size == 640)
  }

  @Test func sizesAreRoundedUpToCacheLines() {
    let plan = MemoryPlan([request(65, 0...1), request(1, 1...2), request(0, 0...2)])
    #expect(plan.offsets[0] == 0 && plan.offsets[1] == 128)
    #expect(plan.size == 192)
    #expect(MemoryPlan([]).size == 0)
  }

  @Test(arguments: 0..<200)
  func neverOverlaps(_ seed: Int) {
    let numbers = CounterFill.uniform("plan/\(seed)", count: 120)
    let requests = (0..<40).map { index in
      let start = Int(numbers[index * 3] * 30)
      let size = Int(numbers[index * 3 + 1] * (seed % 2 == 0 ? 400 : 16000))
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
    let rounded = requests.map { ($0.size + 63) / 64 * 64 }
    #expect(plan.size <= rounded.reduce(0, +))
    for step in 0..<42 {
      let needed = zip(requests, rounded).filter { $0.0.lifetime.contains(step) }
      #expect(plan.size >= needed.reduce(0) { $0 + $1.1 })
    }
  }
}

/// How work is cut.
struct CutTests {
  @Test(arguments: [0, 1, 2, 13, 14, 15, 97, 1000], [1, 2, 3, 8, 64])
  func coversEverythingOnce(_ units: Int, _ blocks: Int) {
    for threads in [1, 2, 3, 8] {
      for operations in [0, 1_000_000, 1_000_000_000] {
        let cut = Cut(
          units: units, unitGrain: 14, blocks: blocks, blockGrain: 2, operations: operations)
        var seen = [Int](repeating: 0, count: units * blocks)
        for task in 0..<cut.taskCount(threads: threads) {
          let part = cut.part(task, threads: threads)
          for unit in part.units.first..<part.units.first + part.units.count {
            for block in part.blocks.first..<part.blocks.first + part.blocks.count {
              seen[unit * blocks + block] += 1
            }
          }
        }
        #expect(seen.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test func oneThreadGetsOneTask() {
    #expect(Cut(units: 1000, blocks: 64, operations: 1 << 40).taskCount(threads: 1) == 1)
    #expect(Cut(units: 1000, operations: 1000).taskCount(threads: 2) == 1)
  }

  /// Rows where there are enough of them, else blocks too.
  @Test func cutsUnitsFirst() {
    let wide = Cut(units: 1000, blocks: 8, operations: 1 << 40)
    #expect(wide.part(0, threads: 2).blocks.count == 8)
    let narrow = Cut(units: 4, blocks: 64, operations: 1 << 40)
    #expect(narrow.part(0, threads: 2).units.count == 4)
    #expect(narrow.part(0, threads: 2).blocks.count < 64)
  }
}
