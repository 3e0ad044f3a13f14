import CKernels
import GraphIR

/// `Reduction` over the pixels of a blocked image, which leaves a blocked image of one pixel.
struct ReductionStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let function: zoo_reduction_function
  private let padding: BlockPadding?
  private let plane: Int
  private let isBfloat16: Bool
  private let cut: Cut

  init(
    _ op: Reduction, image: Location, result: Place, shape: Shape, precision: Precision,
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

/// `Reduction` over a planar value, cut along the first axis that stays.
struct PlanarReductionStep: Step {
  private let kernels: Kernels
  private let operand: Location
  private let result: Place
  private let reduction: zoo_reduction
  private let cut: Cut
  /// Numbers of the operand and of the result for one step along the axis that is cut.
  private let sizes: (operand: Int, result: Int)
  let floatingPointOperations: Int

  /// The operand's shape is one that the kernel can take, see `passesBefore`.
  init(_ op: Reduction, operand: Location, result: Place, shape: Shape, kernels: Kernels) {
    self.kernels = kernels
    (self.operand, self.result) = (operand, result)
    let axes = op.mergedAxes(of: shape)
    precondition(axes.count <= 4, "the plan makes no such reduction")
    let all = Array(repeating: (extent: 1, isReduced: false), count: 4 - axes.count) + axes
    reduction = zoo_reduction(
      extent: (all[0].extent, all[1].extent, all[2].extent, all[3].extent),
      reduced: (all[0].isReduced, all[1].isReduced, all[2].isReduced, all[3].isReduced),
      function: op.kernelFunction)
    floatingPointOperations = shape.elementCount
    let inner = axes.dropFirst()
    sizes = (
      inner.reduce(1) { $0 * $1.extent }, inner.reduce(1) { $0 * ($1.isReduced ? 1 : $1.extent) }
    )
    // Where the first axis is reduced, or all are, everything is one task.
    let isCut = axes.count > 1 && !axes[0].isReduced
    cut = Cut(units: isCut ? axes[0].extent : 1, operations: 2 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let part = cut.part(task, threads: threads).units
    var reduction = reduction
    if cut.units > 1 { reduction.cutFirstAxis(to: part.count) }
    kernels.table.pointee.reduce(
      memory.floats(at: result) + part.first * sizes.result,
      memory.floats(operand) + part.first * sizes.operand, &reduction)
  }
}

extension zoo_reduction {
  /// Leaves a part of the first axis that has more than one element.
  fileprivate mutating func cutFirstAxis(to count: Int) {
    if extent.0 != 1 {
      extent.0 = count
    } else if extent.1 != 1 {
      extent.1 = count
    } else if extent.2 != 1 {
      extent.2 = count
    }
  }
}

extension Reduction {
  /// Whether the pixels of each channel of an image become one.
  var isOverPixels: Bool { axes == [2, 3] }

  /// The axes of an operand without those of one element, neighbours that share their fate as one.
  func mergedAxes(of shape: Shape) -> [(extent: Int, isReduced: Bool)] {
    var merged = [(extent: Int, isReduced: Bool)]()
    for axis in shape.indices where shape[axis] != 1 {
      let isReduced = axes.contains(axis)
      if let last = merged.last, last.isReduced == isReduced {
        merged[merged.count - 1].extent *= shape[axis]
      } else {
        merged.append((shape[axis], isReduced))
      }
    }
    return merged
  }

  /// Reductions of single axes, the last first, that leave no more than the four axes that the
  /// kernel takes, with the shapes of their results.
  func passesBefore(shape: Shape) -> [(op: Reduction, result: Shape)] {
    var passes = [(op: Reduction, result: Shape)]()
    var left = shape.dimensions
    while mergedAxes(of: Shape(left)).count > 4, let axis = axes.last(where: { left[$0] != 1 }) {
      left[axis] = 1
      passes.append((Reduction(function, axes: [axis]), Shape(left)))
    }
    return passes
  }

  fileprivate var kernelFunction: zoo_reduction_function {
    switch function {
    case .sum: zoo_sum
    case .mean: zoo_mean
    case .maximum: zoo_largest
    case .minimum: zoo_smallest
    case .product: zoo_product
    }
  }
}
