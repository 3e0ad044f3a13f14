import CKernels
import GraphIR

/// Scale and shift of each channel, filled up to whole blocks, or nothing.
struct Affine {
  let weights: [PackedWeights]
  let pointers: zoo_affine

  init(
    _ operands: Prologue<Location>?, _ activation: Activation?, channels: Int,
    in memory: PackedMemory
  ) throws(RuntimeError) {
    guard let operands, let scale = operands.scale.constant,
      let shift = operands.shift.constant
    else {
      weights = []
      pointers = zoo_affine()
      return
    }
    weights = [
      try .perChannel(scale, channels: channels, in: memory),
      try .perChannel(shift, channels: channels, in: memory),
    ]
    pointers = zoo_affine(
      scale: weights[0].floats, shift: weights[1].floats, relu: activation == .relu)
  }
}

/// `ChannelAffine` over blocks of channels.
struct AffineStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let affine: Affine
  private let plane: Int
  private let isBfloat16: Bool
  private let cut: Cut

  init(
    _ affine: Affine, image: Location, result: Place, shape: Shape, precision: Precision,
    kernels: Kernels
  ) {
    self.kernels = kernels
    self.affine = affine
    (self.image, self.result) = (image, result)
    plane = shape[2] * shape[3]
    isBfloat16 = precision == .bfloat16
    cut = Cut(units: Layout.blocks(shape[1]), operations: 8 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 4 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let blocks = cut.part(task, threads: threads).units
    withUnsafePointer(to: affine.pointers) {
      kernels.table.pointee.affine_blocks(
        memory.result(at: result), memory[image], $0, plane, blocks, isBfloat16)
    }
  }
}

extension Affine: @unchecked Sendable {}

/// `ChannelAffine` over a planar image: a few channels a task.
struct PlanarAffineStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let scale: Location
  private let shift: Location
  private let result: Place
  private let plane: Int
  private let relu: Bool
  private let cut: Cut

  init(
    _ op: ChannelAffine, image: Location, scale: Location, shift: Location, result: Place,
    shape: Shape, kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.scale, self.shift, self.result) = (image, scale, shift, result)
    plane = shape[2] * shape[3]
    relu = op.activation == .relu
    cut = Cut(units: shape[1], operations: 8 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 4 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let channels = cut.part(task, threads: threads).units
    kernels.table.pointee.channel_affine(
      memory.floats(at: result) + channels.first * plane,
      memory.floats(image) + channels.first * plane, memory.floats(scale) + channels.first,
      memory.floats(shift) + channels.first, channels.count, plane, relu)
  }
}
