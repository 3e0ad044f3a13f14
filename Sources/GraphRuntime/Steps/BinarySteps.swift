import CKernels
import GraphIR

/// `Binary` over blocked images, and vectors and maps that are broadcast to them.
struct CombineStep: Step, @unchecked Sendable {
  // Unchecked for the pointers into weights that the step owns and nobody changes.
  /// An operand as it lies in memory.
  struct Operand {
    let location: Location
    let shape: Shape
    let layout: Layout
  }

  private let kernels: Kernels
  private let operands: [Source]
  private let result: Int
  private let function: zoo_binary_function
  private let padding: BlockPadding?
  private let plane: Int
  private let isBfloat16: Bool
  private let cut: Cut

  /// What the kernel is told of an operand but for where it lies in the arena.
  private struct Source {
    var operand: zoo_operand
    let location: Location
    var packed: PackedWeights?

    init(_ operand: Operand, result: Shape) throws(RuntimeError) {
      let isBfloat16 = operand.layout == .blocked(.bfloat16)
      let isPlanar = operand.layout == .planar
      let block = Layout.block * (isBfloat16 ? 2 : 4)
      self.operand = zoo_operand()
      self.operand.bf16 = isBfloat16
      location = operand.location
      switch BlockBroadcast(operand.shape, in: result) {
      case .vector:
        self.operand.block_step = block
        if case .constant(let floats) = operand.location {
          packed = try .perChannel(floats, channels: result[1])
        }
      case .map:
        self.operand.spread = true
        if operand.shape.elementCount > 1 { self.operand.pixel_step = isPlanar ? 4 : block }
      case .image, nil:
        self.operand.block_step = result[2] * result[3] * block
        self.operand.pixel_step = block
      }
    }

    func operand(in memory: Memory) -> zoo_operand {
      var operand = operand
      operand.numbers = packed.map { UnsafeRawPointer($0.bytes) } ?? memory[location]
      return operand
    }
  }

  init(
    _ op: Binary, _ a: Operand, _ b: Operand, result: Int, shape: Shape, precision: Precision,
    kernels: Kernels
  ) throws(RuntimeError) {
    self.kernels = kernels
    operands = [try Source(a, result: shape), try Source(b, result: shape)]
    self.result = result
    function = op.kernelFunction
    padding = BlockPadding(shape, layout: .blocked(precision))
    isBfloat16 = precision == .bfloat16
    plane = shape[2] * shape[3]
    cut = Cut(units: Layout.blocks(shape[1]) * plane, operations: 8 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 8 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let pixels = cut.part(task, threads: threads).units
    let target = memory.result(at: result)
    withUnsafePointer(to: operands[0].operand(in: memory)) { a in
      withUnsafePointer(to: operands[1].operand(in: memory)) { b in
        kernels.table.pointee.combine_blocks(target, a, b, plane, pixels, function, isBfloat16)
      }
    }
    padding?.blank(target, pixels: pixels, kernels)
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

  /// Nil where there are more axes.
  init?(
    _ op: Binary, a: Location, b: Location, result: Int, aShape: Shape, bShape: Shape,
    resultShape: Shape, kernels: Kernels
  ) {
    guard resultShape.count <= 4 else { return nil }
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
    function = op.kernelFunction
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
  fileprivate var kernelFunction: zoo_binary_function {
    switch function {
    case .add: zoo_add
    case .subtract: zoo_subtract
    case .multiply: zoo_multiply
    case .divide: zoo_divide
    case .maximum: zoo_maximum
    case .minimum: zoo_minimum
    case .power, .remainder, .less, .lessOrEqual, .equal: preconditionFailure("not there yet")
    }
  }
}
