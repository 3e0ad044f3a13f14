import CKernels
import GraphIR

/// What a concatenation of blocked images still has to copy: operands that start within a block of
/// the result, or lie elsewhere.
struct PlaceStep: Step {
  struct Part: Sendable {
    let source: Location
    let firstChannel: Int
    let channels: Int
  }

  let kernels: Kernels
  let parts: [Part]
  let result: Place
  let plane: Int
  let isBfloat16: Bool

  func taskCount(threads: Int) -> Int { 1 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    for part in parts {
      kernels.table.pointee.place_blocks(
        memory.result(at: result), memory[part.source], part.firstChannel, part.channels, plane,
        isBfloat16)
    }
  }
}

/// A change between planar and blocked.
struct RelayoutStep: Step {
  let kernels: Kernels
  let source: Location
  let result: Place
  let toBlocks: Bool
  let channels: Int
  let plane: Int
  let isBfloat16: Bool

  private var cut: Cut {
    Cut(units: Layout.blocks(channels), operations: 16 * channels * plane)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let blocks = cut.part(task, threads: threads).units
    if toBlocks {
      kernels.table.pointee.to_blocks(
        memory.result(at: result), memory.floats(source), channels, plane, blocks, isBfloat16)
    } else {
      kernels.table.pointee.from_blocks(
        memory.floats(at: result), memory[source], channels, plane, blocks, isBfloat16)
    }
  }
}
