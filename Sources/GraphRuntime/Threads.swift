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

  /// Calls `body` once for every task, on whichever thread is free.
  ///
  /// - Parameters:
  ///   - tasks: how many there are.
  ///   - body: gets the task and the worker, which is below `count`; tasks with the same worker
  ///     follow each other.
  package func run(tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var box = TaskBox(body: body)
      withUnsafeMutablePointer(to: &box) { pointer in
        zoo_parallel(
          tasks, UInt32(count),
          { context, task, worker in
            context?.assumingMemoryBound(to: TaskBox.self).pointee.body(task, Int(worker))
          }, pointer)
      }
    }
  }
}

private struct TaskBox {
  let body: (Int, Int) -> Void
}
