import GraphRuntime
import Synchronization
import Testing

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The pool: each task once, layers in order, no worker twice at a time.
struct ThreadTests {
  /// Counts calls, and workers at work.
  private final class Ledger: Sendable {
    struct State {
      var calls: [Int]
      var busy: [Bool]
      var clashes = 0
    }
    let state: Mutex<State>

    init(tasks: Int, workers: Int) {
      state = Mutex(
        State(
          calls: Array(repeating: 0, count: tasks), busy: Array(repeating: false, count: workers)))
    }

    func run(_ task: Int, _ worker: Int, _ body: () -> Void = {}) {
      state.withLock {
        $0.calls[task] += 1
        if !$0.busy.indices.contains(worker) || $0.busy[worker] {
          $0.clashes += 1
        } else {
          $0.busy[worker] = true
        }
      }
      body()
      state.withLock { if $0.busy.indices.contains(worker) { $0.busy[worker] = false } }
    }

    var isClean: Bool { state.withLock { $0.clashes == 0 && $0.calls.allSatisfy { $0 == 1 } } }
  }

  @Test(arguments: [0, 1, 2, 7, 1000], 1...8)
  func eachTaskOnce(_ tasks: Int, _ count: Int) throws {
    let threads = try Threads(count)
    for _ in 0..<20 {
      let ledger = Ledger(tasks: tasks, workers: count)
      threads.run(tasks: tasks) { task, worker in ledger.run(task, worker) }
      #expect(ledger.isClean)
    }
  }

  /// A layer begins when all of the one before is done; layers without tasks are passed over.
  @Test(arguments: [1, 2, 5])
  func layersInOrder(_ count: Int) throws {
    let threads = try Threads(count)
    let layers = (0..<200).map { [0, 1, 9, 0, 4, 2, 0][$0 % 7] }
    let log = Mutex([Int]())
    for _ in 0..<20 {
      threads.run(layers: layers) { layer, task, worker in
        log.withLock { $0.append(layer) }
      }
    }
    let once = layers.indices.flatMap { Array(repeating: $0, count: layers[$0]) }
    #expect(log.withLock { $0 } == Array(repeating: once, count: 20).flatMap { $0 })
  }

  /// Plain memory that one layer writes is read by the next, whoever runs it.
  @Test func layersSeeEachOther() throws {
    let threads = try Threads(4)
    let width = 16
    let sums = UnsafeMutablePointer<Int>.allocate(capacity: 2 * width)
    defer { sums.deallocate() }
    sums.initialize(repeating: 1, count: 2 * width)
    // Each layer sums all of the last one's results into each of its own, modulo a prime.
    threads.run(layers: Array(repeating: width, count: 2001)) { layer, task, _ in
      let (from, into) = layer % 2 == 0 ? (0, width) : (width, 0)
      sums[into + task] = (0..<width).reduce(task) { $0 + sums[from + $1] } % 65521
    }
    var expected = Array(repeating: 1, count: width)
    for _ in 0...2000 {
      let sum = expected.reduce(0, +)
      expected = (0..<width).map { (sum + $0) % 65521 }
    }
    #expect(Array(UnsafeBufferPointer(start: sums + width, count: width)) == expected)
  }

  @Test func nothingToDo() throws {
    let threads = try Threads(4)
    for layers in [[], [0], [0, 0, 0]] {
      threads.run(layers: layers) { _, _, _ in Issue.record("there is no task") }
    }
  }

  @Test func nestedCallsRunToo() throws {
    let threads = try Threads(3)
    let outer = Ledger(tasks: 10, workers: 3)
    let inner = (0..<10).map { _ in Ledger(tasks: 5, workers: 3) }
    threads.run(tasks: 10) { task, worker in
      outer.run(task, worker) {
        threads.run(tasks: 5) { innerTask, innerWorker in
          inner[task].run(innerTask, innerWorker)
        }
      }
    }
    #expect(outer.isClean && inner.allSatisfy(\.isClean))
  }

  @Test func concurrentCallersDoNotMix() async throws {
    let threads = try Threads(4)
    let clean = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<100).allSatisfy { _ in
            let ledger = Ledger(tasks: 17, workers: 4)
            threads.run(tasks: 17) { task, worker in ledger.run(task, worker) }
            return ledger.isClean
          }
        }
      }
      return await group.reduce(true) { $0 && $1 }
    }
    #expect(clean)
  }

  /// Workers that went to sleep are woken again.
  @Test func afterAPause() throws {
    let threads = try Threads(4)
    for _ in 0..<5 {
      usleep(20_000)
      let ledger = Ledger(tasks: 50, workers: 4)
      threads.run(tasks: 50) { task, worker in ledger.run(task, worker) { usleep(50) } }
      #expect(ledger.isClean)
    }
  }

  @Test func countsAreChecked() throws {
    #expect(try Threads(nil, environment: nil).count >= 1)
    #expect(try Threads(nil, environment: "3").count == 3)
    #expect(try Threads(2, environment: "3").count == 2)
    #expect(try Threads(256).count == 256)
  }
}
