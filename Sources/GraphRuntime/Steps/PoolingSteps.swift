import CKernels
import GraphIR

/// `Pooling` over blocks of channels.
struct PoolingStep: Step, @unchecked Sendable {
  // Unchecked for the pointers into weights that the step owns and nobody changes.
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let pooling: zoo_pooling
  private let isBfloat16: Bool
  private let perChannel: [PackedWeights]
  private let cut: Cut

  init(
    _ op: Pooling, operands: ImageOperands<Location>, result: Place, imageShape: Shape,
    resultShape: Shape, precision: Precision, kernels: Kernels, memory: PackedMemory
  ) throws(RuntimeError) {
    self.kernels = kernels
    (image, self.result) = (operands.image, result)
    isBfloat16 = precision == .bfloat16
    let affine = try Affine(operands.prologue, op.prologue, channels: imageShape[1], in: memory)
    perChannel = affine.weights
    let window = zoo_window(op, image: imageShape, result: resultShape, channels: imageShape[1])
    pooling = zoo_pooling(
      window: window, maximum: op.kind == .maximum, affine: affine.pointers)
    cut = Cut(
      units: window.out_height, blocks: Layout.blocks(imageShape[1]),
      // Beyond any window that can be computed the count may wrap around.
      operations: 2 &* resultShape.elementCount &* op.window.height &* op.window.width)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 2 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let part = cut.part(task, threads: threads)
    withUnsafePointer(to: pooling) {
      kernels.table.pointee.pool_blocks(
        memory.result(at: result), memory[image], $0, part.units, part.blocks, isBfloat16)
    }
  }
}

/// `Pooling` over a planar image: a few channels a task.
struct PlanarPoolingStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let window: zoo_window
  private let kind: Pooling.Kind
  private let cut: Cut

  init(
    _ op: Pooling, image: Location, result: Place, imageShape: Shape, resultShape: Shape,
    kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.result, kind) = (image, result, op.kind)
    window = zoo_window(op, image: imageShape, result: resultShape, channels: imageShape[1])
    cut = Cut(
      units: imageShape[1],
      operations: resultShape.elementCount &* op.window.height &* op.window.width)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let channels = cut.part(task, threads: threads).units
    var part = window
    part.channels = channels.count
    let source = memory.floats(image) + channels.first * window.height * window.width
    let target =
      memory.floats(at: result) + channels.first * window.out_height * window.out_width
    let kernel =
      kind == .maximum ? kernels.table.pointee.max_pool : kernels.table.pointee.average_pool
    kernel?(target, source, &part, 0, window.out_height)
  }
}

extension zoo_window {
  fileprivate init(_ op: Pooling, image: Shape, result: Shape, channels: Int) {
    self.init(
      op.geometry, window: op.window, channels: channels,
      image: Size2D(height: image[2], width: image[3]),
      result: Size2D(height: result[2], width: result[3]))
  }
}

/// `SpatialMean` over blocks of channels.
struct SpatialMeanStep: Step, @unchecked Sendable {
  // Unchecked for the pointers into weights that the step owns and nobody changes.
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let affine: zoo_affine
  private let isBfloat16: Bool
  private let perChannel: [PackedWeights]
  private let channels: Int
  private let plane: Int
  private let cut: Cut

  init(
    _ op: SpatialMean, operands: ImageOperands<Location>, result: Place, shape: Shape,
    precision: Precision, kernels: Kernels, memory: PackedMemory
  ) throws(RuntimeError) {
    self.kernels = kernels
    (image, self.result) = (operands.image, result)
    let affine = try Affine(operands.prologue, op.prologue, channels: shape[1], in: memory)
    self.affine = affine.pointers
    perChannel = affine.weights
    isBfloat16 = precision == .bfloat16
    channels = shape[1]
    plane = shape[2] * shape[3]
    cut = Cut(units: Layout.blocks(channels), operations: 2 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { channels * plane }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let blocks = cut.part(task, threads: threads).units
    withUnsafePointer(to: affine) {
      kernels.table.pointee.mean_blocks(
        memory.floats(at: result), memory[image], $0, channels, plane, blocks, isBfloat16)
    }
  }
}

/// `SpatialMean` over a planar image, as one task.
struct PlanarMeanStep: Step {
  let kernels: Kernels
  let image: Location
  let result: Place
  let shape: Shape

  func taskCount(threads: Int) -> Int { 1 }
  var floatingPointOperations: Int { shape.elementCount }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    kernels.table.pointee.plane_mean(
      memory.floats(at: result), memory.floats(image), shape[1], shape[2] * shape[3])
  }
}
