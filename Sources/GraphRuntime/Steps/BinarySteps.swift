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
  private let result: Place
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
        if let floats = operand.location.constant {
          packed = try .perChannel(floats, channels: result[1])
        }
      case .map:
        self.operand.spread = true
        let pixels = operand.shape.withLeadingOnes(4).ofOneImage.elementCount
        if pixels > 1 { self.operand.pixel_step = isPlanar ? 4 : block }
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
    _ op: Binary, _ a: Operand, _ b: Operand, result: Place, shape: Shape, precision: Precision,
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

extension Binary {
  var kernelFunction: zoo_binary_function {
    switch function {
    case .add: zoo_add
    case .subtract: zoo_subtract
    case .multiply: zoo_multiply
    case .divide: zoo_divide
    case .maximum: zoo_maximum
    case .minimum: zoo_minimum
    case .power: zoo_power
    case .remainder: zoo_remainder
    case .less: zoo_less
    case .lessOrEqual: zoo_less_or_equal
    case .equal: zoo_equal
    }
  }
}
