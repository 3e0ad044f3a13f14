import CKernels
import GraphIR

/// `Reduction` over the pixels of a blocked image, which leaves a blocked image of one pixel.
struct ReductionStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let result: Int
  private let function: zoo_reduction_function
  private let padding: BlockPadding?
  private let plane: Int
  private let isBfloat16: Bool
  private let cut: Cut

  init(
    _ op: Reduction, image: Location, result: Int, shape: Shape, precision: Precision,
    kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.result) = (image, result)
    function = op.kernelFunction
    padding = BlockPadding([1, shape[1], 1, 1], layout: .blocked(precision))
    plane = shape[2] * shape[3]
    isBfloat16 = precision == .bfloat16
    cut = Cut(units: Layout.blocks(shape[1]), operations: 2 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 2 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let blocks = cut.part(task, threads: threads).units
    kernels.table.pointee.reduce_blocks(
      memory.result(at: result), memory[image], plane, blocks, function, isBfloat16)
    padding?.blank(memory.result(at: result), pixels: blocks, kernels)
  }
}

/// `Reduction` over a planar value of at most four axes, as one task.
struct PlanarReductionStep: Step {
  private let kernels: Kernels
  private let operand: Location
  private let result: Int
  private let reduction: zoo_reduction
  let floatingPointOperations: Int

  /// Nil where there are more axes.
  init?(_ op: Reduction, operand: Location, result: Int, shape: Shape, kernels: Kernels) {
    guard shape.count <= 4 else { return nil }
    self.kernels = kernels
    (self.operand, self.result) = (operand, result)
    let missing = 4 - shape.count
    let extents = Array(repeating: 1, count: missing) + shape.dimensions
    let isReduced = (0..<4).map { op.axes.contains($0 - missing) }
    reduction = zoo_reduction(
      extent: (extents[0], extents[1], extents[2], extents[3]),
      reduced: (isReduced[0], isReduced[1], isReduced[2], isReduced[3]),
      function: op.kernelFunction)
    floatingPointOperations = shape.elementCount
  }

  func taskCount(threads: Int) -> Int { 1 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    withUnsafePointer(to: reduction) {
      kernels.table.pointee.reduce(memory.floats(at: result), memory.floats(operand), $0)
    }
  }
}

extension Reduction {
  /// Whether the pixels of each channel of an image become one.
  var isOverPixels: Bool { axes == [2, 3] }

  fileprivate var kernelFunction: zoo_reduction_function {
    switch function {
    case .sum: zoo_sum
    case .mean: zoo_mean
    case .maximum: zoo_largest
    case .minimum, .product: preconditionFailure("not there yet")
    }
  }
}
