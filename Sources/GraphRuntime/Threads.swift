import CKernels
import Foundation

/// The value of an environment variable, or nil where it is unset or empty.
public func environmentValue(_ name: String) -> String? {
  guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
  return value
}

/// How many threads a session may use, and the shared workers themselves.
public struct Threads: Sendable {
  /// The most threads that one call uses, the caller's included.
  public let count: Int

  /// As many threads as asked for, as `ZOO_NUM_THREADS` says, or as the process may keep busy.
  ///
  /// - Throws: `RuntimeError` where the number is not from 1 to 256.
  public init(
    _ count: Int? = nil, environment: String? = environmentValue("ZOO_NUM_THREADS")
  ) throws(RuntimeError) {
    guard let text = count.map(String.init) ?? environment else {
      self.count = Int(zoo_available_threads())
      return
    }
    guard let count = Int(text), (1...256).contains(count) else { throw .threadCount(text) }
    self.count = count
  }

  /// Calls `body` once for every task of every layer, on whichever thread is free.
  ///
  /// The layers follow each other: all of one is done, and visible, when the next begins. A call
  /// from inside `body` runs on its own thread alone.
  ///
  /// - Parameters:
  ///   - layers: how many tasks each layer has, none being allowed.
  ///   - body: gets the layer, the task, and the worker, which is below `count`; tasks of this call
  ///     with the same worker follow each other.
  package func run(layers: [Int], _ body: (_ layer: Int, _ task: Int, _ worker: Int) -> Void) {
    precondition(layers.allSatisfy { $0 >= 0 }, "a layer has no negative number of tasks")
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        layers.withUnsafeBufferPointer { tasks in
          zoo_run(
            tasks.baseAddress, tasks.count, UInt32(count),
            { context, layer, task, worker in
              context?.assumingMemoryBound(to: Body.self).pointee(layer, task, Int(worker))
            }, UnsafeMutableRawPointer(mutating: pointer))
        }
      }
    }
  }

  /// Calls `body` once for every task, on whichever thread is free.
  ///
  /// - Parameters:
  ///   - tasks: how many there are.
  ///   - body: gets the task and the worker, as in `run(layers:_:)`.
  package func run(tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    run(layers: [tasks]) { _, task, worker in body(task, worker) }
  }

  private typealias Body = (Int, Int, Int) -> Void
}
