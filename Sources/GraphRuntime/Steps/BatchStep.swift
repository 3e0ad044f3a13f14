/// A step for one image, run for every image of a batch: what it has packed is shared, and each
/// operand and result lies an image's bytes behind the one before.
///
/// Images are computed side by side, each exactly as it would be alone.
struct BatchStep: Step {
  let step: any Step
  let images: Int

  func taskCount(threads: Int) -> Int { images * step.taskCount(threads: threads) }
  var scratchSize: Int { step.scratchSize }
  // May wrap around for steps that would never end.
  var floatingPointOperations: Int { images &* step.floatingPointOperations }
  var path: String? { step.path }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let tasks = step.taskCount(threads: threads)
    var memory = memory
    memory.image = task / tasks
    step.run(task: task % tasks, threads: threads, scratch: scratch, in: memory)
  }
}
