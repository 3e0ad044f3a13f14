import CKernels
import GraphIR

/// `Unary` over the numbers of a value, in whatever layout they lie.
struct UnaryStep: Step {
  private let kernels: Kernels
  private let operand: Location
  private let result: Place
  private let function: zoo_unary
  private let padding: BlockPadding?
  private let isBfloat16: Bool
  private let cut: Cut
  let floatingPointOperations: Int

  /// About what a number costs, in multiplications.
  private static let operationsPerElement = 16

  init(
    _ op: Unary, operand: Location, result: Place, shape: Shape, layout: Layout, kernels: Kernels
  ) {
    self.kernels = kernels
    (self.operand, self.result) = (operand, result)
    function = op.function.kernelFunction
    isBfloat16 = layout == .blocked(.bfloat16)
    padding = BlockPadding(shape, layout: layout)
    floatingPointOperations = shape.elementCount
    let count =
      layout == .planar
      ? shape.elementCount : Layout.blocks(shape[1]) * Layout.block * shape[2] * shape[3]
    cut = Cut(
      units: count, alignment: Layout.block, operations: count * Self.operationsPerElement)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let part = cut.part(task, threads: threads).units
    let start = part.first * (isBfloat16 ? 2 : 4)
    withUnsafePointer(to: function) {
      kernels.table.pointee.unary(
        memory.result(at: result) + start, memory[operand] + start, part.count, $0, isBfloat16)
    }
    padding?.blank(
      memory.result(at: result),
      pixels: zoo_range(first: part.first / Layout.block, count: part.count / Layout.block),
      kernels)
  }
}

/// What fills up the last block of an image's channels.
///
/// A function that leaves infinity or NaN there would spread it: even weights of zero make NaN of
/// those.
struct BlockPadding {
  private let channels: Int
  private let plane: Int
  private let isBfloat16: Bool

  /// Nil where nothing fills up a block.
  init?(_ shape: Shape, layout: Layout) {
    guard case .blocked(let precision) = layout, !shape[1].isMultiple(of: Layout.block) else {
      return nil
    }
    channels = shape[1]
    plane = shape[2] * shape[3]
    isBfloat16 = precision == .bfloat16
  }

  /// Puts zeros there, at some of the pixels of all blocks.
  func blank(_ image: UnsafeMutableRawPointer, pixels: zoo_range, _ kernels: Kernels) {
    kernels.table.pointee.blank_padding(image, channels, plane, pixels, isBfloat16)
  }
}

extension Unary.Function {
  fileprivate var kernelFunction: zoo_unary {
    switch self {
    case .relu: zoo_unary(function: zoo_relu, parameter: 0)
    case .leakyRelu(let slope): zoo_unary(function: zoo_leaky_relu, parameter: slope)
    case .sigmoid: zoo_unary(function: zoo_sigmoid, parameter: 0)
    case .silu: zoo_unary(function: zoo_silu, parameter: 0)
    case .gelu: zoo_unary(function: zoo_gelu, parameter: 0)
    case .tanh: zoo_unary(function: zoo_tanh, parameter: 0)
    case .exp: zoo_unary(function: zoo_exp, parameter: 0)
    case .log: zoo_unary(function: zoo_log, parameter: 0)
    case .absolute: zoo_unary(function: zoo_absolute, parameter: 0)
    case .negate: zoo_unary(function: zoo_negate, parameter: 0)
    case .squareRoot: zoo_unary(function: zoo_square_root, parameter: 0)
    case .reciprocalSquareRoot: zoo_unary(function: zoo_reciprocal_square_root, parameter: 0)
    case .erf: zoo_unary(function: zoo_erf, parameter: 0)
    case .floor: zoo_unary(function: zoo_floor, parameter: 0)
    case .ceiling: zoo_unary(function: zoo_ceiling, parameter: 0)
    case .round: zoo_unary(function: zoo_round, parameter: 0)
    case .truncate: zoo_unary(function: zoo_truncate, parameter: 0)
    case .sign: zoo_unary(function: zoo_sign, parameter: 0)
    case .sine: zoo_unary(function: zoo_sine, parameter: 0)
    case .cosine: zoo_unary(function: zoo_cosine, parameter: 0)
    case .elu(let alpha): zoo_unary(function: zoo_elu, parameter: alpha)
    case .softplus: zoo_unary(function: zoo_softplus, parameter: 0)
    }
  }
}
