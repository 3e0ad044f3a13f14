import CKernels
import GraphIR

/// A ReLU over planar numbers that found no op to join.
struct PlanarReluStep: Step {
  private let kernels: Kernels
  private let operand: Location
  private let result: Int
  private let cut: Cut

  init(operand: Location, result: Int, shape: Shape, kernels: Kernels) {
    self.kernels = kernels
    (self.operand, self.result) = (operand, result)
    cut = Cut(
      units: shape.elementCount, unitGrain: Layout.block, operations: 8 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.units }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let part = cut.part(task, threads: threads).units
    kernels.table.pointee.relu(
      memory.floats(at: result) + part.first, memory.floats(operand) + part.first, part.count)
  }
}

/// `Binary` over two blocked images of one shape.
struct CombineStep: Step {
  private let kernels: Kernels
  private let a: Location
  private let b: Location
  private let result: Int
  private let function: zoo_binary_function
  private let isBfloat16: Bool
  private let cut: Cut

  init?(
    _ op: Binary, a: Location, b: Location, result: Int, shape: Shape, precision: Precision,
    kernels: Kernels
  ) {
    guard let function = op.kernelFunction else { return nil }
    self.kernels = kernels
    (self.a, self.b, self.result) = (a, b, result)
    self.function = function
    isBfloat16 = precision == .bfloat16
    cut = Cut(
      units: Layout.blocks(shape[1]) * shape[2] * shape[3], operations: 8 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 8 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    kernels.table.pointee.combine_blocks(
      memory.result(at: result), memory[a], memory[b], cut.part(task, threads: threads).units,
      function, false, isBfloat16)
  }
}

/// `Binary` over broadcast planar operands of at most four axes, as one task.
struct PlanarBinaryStep: Step {
  private let kernels: Kernels
  private let a: Location
  private let b: Location
  private let result: Int
  private let grid: zoo_grid
  private let function: zoo_binary_function

  init?(
    _ op: Binary, a: Location, b: Location, result: Int, aShape: Shape, bShape: Shape,
    resultShape: Shape, kernels: Kernels
  ) {
    guard resultShape.count <= 4, let function = op.kernelFunction else { return nil }
    self.kernels = kernels
    (self.a, self.b, self.result) = (a, b, result)
    func four(_ values: [Int], padding: Int) -> (Int, Int, Int, Int) {
      let all = Array(repeating: padding, count: 4 - values.count) + values
      return (all[0], all[1], all[2], all[3])
    }
    grid = zoo_grid(
      extent: four(resultShape.dimensions, padding: 1),
      a_step: four(aShape.steps(in: resultShape), padding: 0),
      b_step: four(bShape.steps(in: resultShape), padding: 0))
    self.function = function
  }

  func taskCount(threads: Int) -> Int { 1 }
  var floatingPointOperations: Int {
    grid.extent.0 * grid.extent.1 * grid.extent.2 * grid.extent.3
  }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    withUnsafePointer(to: grid) {
      kernels.table.pointee.binary(
        memory.floats(at: result), memory.floats(a), memory.floats(b), $0, function)
    }
  }
}

extension Binary {
  fileprivate var kernelFunction: zoo_binary_function? {
    switch function {
    case .add: zoo_add
    case .subtract: zoo_subtract
    case .multiply: zoo_multiply
    case .divide, .maximum, .minimum: nil
    }
  }
}
