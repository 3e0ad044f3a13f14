import GraphIR

/// What a concatenation still has to copy: operands that could not be written in place.
struct CopyStep: Step {
  /// One operand: `rows` runs of `run` floats, landing `stride` floats apart.
  struct Part: Sendable {
    let source: Location
    let target: Int
    let run: Int
  }

  let parts: [Part]
  let rows: Int
  let stride: Int

  var taskCount: Int { parts.count }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    let part = parts[task]
    let source = memory[part.source]
    let target = memory.result(at: part.target)
    for row in 0..<rows {
      (target + row * stride).update(from: source + row * part.run, count: part.run)
    }
  }
}
